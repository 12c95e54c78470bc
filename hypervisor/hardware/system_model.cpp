// The model table. Sources by row in docs/model/hardware.md; rows marked false rest on general knowledge alone.
//
// Cores and memory are the most a fully populated machine takes; the clock is that of the fastest processor card. The
// smallest share of a virtual processor is 0.10 on POWER7 and 0.05 on POWER7+ (behaviour 1.1).
#include "hypervisor/hardware/system_model.hpp"

#include <algorithm>
#include <array>

namespace pvmsim::hypervisor {

namespace {

constexpr std::string_view kPower5 = "POWER5";
constexpr std::string_view kPower7 = "POWER7";
constexpr std::string_view kPower7Plus = "POWER7+";

constexpr std::array kModels{
    SystemModel{"8231-E2B", "Power 710/730", kPower7, 16, 3700, 128, "AL730_142", 10, false},
    SystemModel{"8231-E1C", "Power 710", kPower7, 8, 3700, 256, "AL740_156", 10, false},
    SystemModel{"8231-E2C", "Power 730", kPower7, 16, 3700, 512, "AL740_156", 10, false},
    SystemModel{"8202-E4B", "Power 720", kPower7, 8, 3000, 256, "AL730_142", 10, false},
    SystemModel{"8202-E4C", "Power 720", kPower7, 8, 3000, 256, "AL740_156", 10, false},
    SystemModel{"8205-E6B", "Power 740", kPower7, 16, 3700, 256, "AL730_142", 10, false},
    SystemModel{"8205-E6C", "Power 740", kPower7, 16, 3700, 512, "AL740_156", 10, false},
    SystemModel{"8233-E8B", "Power 750", kPower7, 32, 3700, 512, "AL730_142", 10, false},
    SystemModel{"8408-E8D", "Power 750", kPower7Plus, 32, 4000, 1024, "AM760_068", 5, true},
    SystemModel{"9109-RMD", "Power 760", kPower7Plus, 48, 3400, 2048, "AM760_068", 5, true},
    SystemModel{"9117-MMB", "Power 770", kPower7, 64, 3500, 2048, "AM730_142", 10, false},
    SystemModel{"9117-MMC", "Power 770", kPower7, 64, 3700, 4096, "AM740_156", 10, false},
    SystemModel{"9179-MHB", "Power 780", kPower7, 64, 4140, 2048, "AM730_142", 10, false, true},
    SystemModel{"9179-MHC", "Power 780", kPower7, 96, 4140, 4096, "AM740_156", 10, false, true},
    SystemModel{"9119-FHB", "Power 795", kPower7, 256, 4250, 16384, "AH730_142", 10, false, true},
    SystemModel{"7891-73X", "BladeCenter PS703", kPower7, 16, 2400, 128, "AA730_142", 10, false},
    SystemModel{"7891-74X", "BladeCenter PS704", kPower7, 32, 2400, 256, "AA730_142", 10, false},
    // Not of the family: for imported recordings. Its size is that of the recorded machine, not the model's limit.
    SystemModel{"9131-52A", "System p5 520", kPower5, 2, 1900, 32, "SF240_417", 10, false},
};

}  // namespace

std::span<const SystemModel> system_models() { return kModels; }

const SystemModel* find_system_model(std::string_view type_model) {
    const auto* const found = std::ranges::find(kModels, type_model, &SystemModel::type_model);
    return found == kModels.end() ? nullptr : found;
}

}  // namespace pvmsim::hypervisor
