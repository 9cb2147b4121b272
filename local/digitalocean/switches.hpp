// The switches of a SimulatedCloud as text, for users who test a client from a terminal:
// "list_lag=30s,fail_after=0.05,per_minute=60". Values; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/local/digitalocean/options.hpp>

namespace capstan::simulated_digitalocean {

// Applies NAME=VALUE[,NAME=VALUE…] to the options; sets `latency` if the text names it. Errors:
// kInvalidArgument naming the switch and its valid values.
Status ApplySwitches(std::string_view text, CloudOptions& options, Duration& latency);
// One line for each switch: name, values, default, meaning.
std::string SwitchesHelp();

}  // namespace capstan::simulated_digitalocean
