# How every file of the project is compiled: language level, warnings, sanitizers, and the tools that make builds quick.
#
# Third-party headers come in as system headers, so that warnings-as-errors holds for our own code only.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
set_property(GLOBAL PROPERTY USE_FOLDERS ON)

# Debug keeps -Og: the fingerprint tests play whole scenarios in it.
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1 -D_GLIBCXX_ASSERTIONS")
# -O3: the event queue and the dispatch windows are a few per cent quicker for it.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

find_program(PVMSIM_CCACHE ccache)
if(PVMSIM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PVMSIM_CCACHE}")
endif()
find_program(PVMSIM_MOLD mold)
if(PVMSIM_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# The same sums on every build: no fused multiply-add where the source has two operations.
add_compile_options(-ffp-contract=off)
# No path of the building machine inside the program: assertions name files from the root of the tree.
add_compile_options("-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlapping copies inside std::string's own operator+ (GCC bug 105651).
    add_compile_options(-Wno-restrict)
endif()

if(PVMSIM_SANITIZE)
    add_compile_options("-fsanitize=${PVMSIM_SANITIZE}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options("-fsanitize=${PVMSIM_SANITIZE}")
    # The instrumentation hides initialisations from the flow analysis behind this warning.
    add_compile_options(-Wno-maybe-uninitialized)
endif()
