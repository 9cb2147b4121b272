// The switches of a SimulatedCloud as text, for people who try a client at a terminal:
// "list_lag=30s,fail_after=0.05,per_minute=60". Values; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/local/digitalocean/options.hpp>

namespace capstan::simulated_digitalocean {

// Carries out NAME=VALUE[,NAME=VALUE…] on the options; `latency` is set where the text names it.
// Errors: kInvalidArgument naming the switch and what it takes.
Status ApplySwitches(std::string_view text, CloudOptions& options, Duration& latency);
// One line a switch: name, values, default, meaning.
std::string SwitchesHelp();

}  // namespace capstan::simulated_digitalocean
