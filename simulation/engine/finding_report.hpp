// Presents findings to users: as text for a terminal, and as a page with a picture of the schedule.
// Pure functions; thread-safe.
#pragma once

#include <string>

#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {

// The violation, the schedule in words, a command line that reproduces it, and the effects around
// it. `again` is the command without --schedule, or a prefix for the schedule, such as
// "CAPSTAN_EXPLORE=".
std::string FindingText(const Finding& finding, const std::string& again);

// One HTML page for all findings of a summary, without external scripts, fonts or images: a lane
// for each life and each server over time, a dot for every effect, a mark for each mishap, and a
// table of the effects below.
std::string FindingsPage(const Summary& summary);

// The same as a JSON object for programs: counts, and for each finding the violation, its schedule,
// the command that reproduces it and the effects around its mishaps.
std::string FindingsDocument(const Summary& summary);

}  // namespace capstan::simulation
