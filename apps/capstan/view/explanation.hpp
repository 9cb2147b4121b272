// What `capstan explain` says: why an object is as it is, what it waits for and until when, what
// was tried last, and what to do. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/managed/reasons.hpp>

namespace capstan::app {

// The reason of that name, whatever its case; null when there is none.
const managed::ReasonInfo* FindReason(std::string_view name);
// Meaning and remedy as lines: "NameTaken (condition Synced)", ...
std::vector<std::string> ExplainReason(const managed::ReasonInfo& reason, std::size_t width);
Json ReasonToJson(const managed::ReasonInfo& reason);
// Every reason with its meaning, as a table.
std::vector<std::string> ListReasons();

struct Explanation {
  ObjectView view;
  std::optional<managed::Recording> recording;
  std::string no_recording;  // why there is none, a sentence
  WallTime now{};
  std::string lease = {};  // who holds the operator's Lease, a phrase; may be empty
};
// "lease held by HOLDER, renewed 2s ago", or that no operator runs, by a Lease object.
std::string LeaseInWords(const kube::Object& lease, WallTime now);

// The reason that keeps the object from being ready and in sync; null when nothing does, or the
// condition has a reason that this program does not know.
const managed::ReasonInfo* BlockingReason(const ObjectView& view);

// One screen, broken at `width` columns (0: not broken); commands to copy stay whole. At most the
// last ten effects, and on a terminal (width > 0) fewer, three at least, where that makes it fit
// into 24 lines.
std::vector<std::string> ExplanationToLines(const Explanation& explanation, bool colours, std::size_t width);
// {"object": {see ViewToJson}, "reason", "meaning", "remedy", "recording": {see RecordingsToJson}}.
Json ExplanationToJson(const Explanation& explanation);

}  // namespace capstan::app
