// How a finding is shown to people: in a terminal, and as a page with the schedule as a picture.
// Pure functions.
#pragma once

#include <string>

#include <capstan/simulation/engine/explorer.hpp>

namespace capstan::simulation {

// The violation, the schedule in words, one line that shows it again, and the effects around it.
// `again` is the command without --schedule; or what a schedule is put behind, such as
// "CAPSTAN_EXPLORE=".
std::string FindingText(const Finding& finding, const std::string& again);

// One HTML page for all findings of a summary, without scripts, fonts or images from elsewhere: a
// lane for each life and each server over time, every effect a dot, each mishap marked, and the
// effects as a table below.
std::string FindingsPage(const Summary& summary);

// The same for programs, a JSON object: counts, and of each finding the violation, its schedule,
// the command that shows it again and the effects around its mishaps.
std::string FindingsDocument(const Summary& summary);

}  // namespace capstan::simulation
