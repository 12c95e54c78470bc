// The natural logarithm with +, -, *, / alone: IEEE 754 defines these to the last bit, so every build gets the same
// value (which std::log does not promise). Needs -ffp-contract=off, a flag of the whole project.
//
// ln(m * 2^e) = e * ln 2 + 2 * atanh((m - 1) / (m + 1)), with m in [sqrt(1/2), sqrt(2)) and the series of atanh up to
// the 21st power: the truncation is below 1e-17, the result within 2 units in the last place or so.
#pragma once

namespace pvmsim::sim {

/// `x` positive, finite and not denormal.
double natural_log(double x);

}  // namespace pvmsim::sim
