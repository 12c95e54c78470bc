# The three words of the house: pvmsim_library, pvmsim_test, pvmsim_bench.
#
# The walls are held by the compiler itself. A library does not publish the root of the tree as its include directory,
# but a directory of its own ("view") that holds one link, to its own folder. Who depends on it gets that view and, by
# transitivity, those below it; an include from a folder that was not declared is not found.
set(PVMSIM_VIEWS_DIR "${CMAKE_BINARY_DIR}/views")

# pvmsim_view(<target> <folder> <out>): makes <views>/<target>/<folder> point to the folder, returns <views>/<target>.
function(pvmsim_view target folder out)
    set(view "${PVMSIM_VIEWS_DIR}/${target}")
    set(link "${view}/${folder}")
    get_filename_component(parent "${link}" DIRECTORY)
    file(MAKE_DIRECTORY "${parent}")
    if(NOT IS_SYMLINK "${link}")
        file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${link}" SYMBOLIC)
    endif()
    set(${out} "${view}" PARENT_SCOPE)
endfunction()

# pvmsim_library(<folder> TARGET <t> [DEPENDS <layers below>] [LINKS <third-party targets>] [WITHOUT <subfolder>...])
#
# All *.cpp below the folder become the static library <t>; while there are none it is a header-only library. Third-party
# targets are private: a layer's headers speak the project's own types. WITHOUT names subfolders that are layers of
# their own.
function(pvmsim_library folder)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET" "DEPENDS;LINKS;WITHOUT")
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.cpp")
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/*.hpp")
    foreach(subfolder IN LISTS arg_WITHOUT)
        list(FILTER sources EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/${folder}/${subfolder}/")
        list(FILTER headers EXCLUDE REGEX "^${CMAKE_SOURCE_DIR}/${folder}/${subfolder}/")
    endforeach()

    pvmsim_view(${arg_TARGET} ${folder} view)
    if(sources)
        add_library(${arg_TARGET} STATIC ${sources})
        target_include_directories(${arg_TARGET} PUBLIC "${view}")
        target_link_libraries(${arg_TARGET} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LINKS})
        target_compile_options(${arg_TARGET} PUBLIC "-fmacro-prefix-map=${view}/=")
    else()
        add_library(${arg_TARGET} INTERFACE)
        target_include_directories(${arg_TARGET} INTERFACE "${view}")
        target_link_libraries(${arg_TARGET} INTERFACE ${arg_DEPENDS})
        target_compile_options(${arg_TARGET} INTERFACE "-fmacro-prefix-map=${view}/=")
    endif()
    set_target_properties(${arg_TARGET} PROPERTIES PVMSIM_FOLDER "${folder}" PVMSIM_HEADERS "${headers}")
    set_property(GLOBAL APPEND PROPERTY PVMSIM_LAYERS ${arg_TARGET})
endfunction()

# pvmsim_test(NAME <name> SOURCES <files> DEPENDS <layers>): one GoogleTest binary, every test of it known to ctest.
function(pvmsim_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS")
    set(target "${arg_NAME}_test")
    add_executable(${target} ${arg_SOURCES})
    pvmsim_view(tests tests view)
    target_include_directories(${target} PRIVATE "${view}")
    target_link_libraries(${target} PRIVATE ${arg_DEPENDS} pvmsim_test_support)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test-bin")
    gtest_discover_tests(${target} TEST_PREFIX "${arg_NAME}." DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTIES TIMEOUT 300 LABELS "${arg_NAME}")
    set_property(GLOBAL APPEND PROPERTY PVMSIM_TEST_SOURCES ${arg_SOURCES})
endfunction()

# pvmsim_bench(NAME <name> SOURCES <files> DEPENDS <layers>): one benchmark program; ./dev bench runs them all.
function(pvmsim_bench)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS")
    set(target "${arg_NAME}_bench")
    add_executable(${target} ${arg_SOURCES})
    pvmsim_view(bench bench view)
    target_include_directories(${target} PRIVATE "${view}")
    target_link_libraries(${target} PRIVATE ${arg_DEPENDS} benchmark::benchmark)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench-bin")
    set_property(GLOBAL APPEND PROPERTY PVMSIM_BENCHES ${target})
endfunction()
