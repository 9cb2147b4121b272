// The output of `capstan explain`: why an object is in its state, what it waits for and until when,
// what was tried last, and what to do. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/apps/capstan/view/object_view.hpp>
#include <capstan/core/managed/flight_recorder.hpp>
#include <capstan/core/managed/reasons.hpp>

namespace capstan::app {

// The reason of that name, in any case; null when there is none.
const managed::ReasonInfo* FindReason(std::string_view name);
// Meaning and remedy as lines: "NameTaken (condition Synced)", ...
std::vector<std::string> ExplainReason(const managed::ReasonInfo& reason, std::size_t width);
Json ReasonToJson(const managed::ReasonInfo& reason);
// All reasons with their meanings, as a table.
std::vector<std::string> ListReasons();

struct Explanation {
  ObjectView view;
  std::optional<managed::Recording> recording;
  std::string no_recording;  // why there is none, a sentence
  WallTime now{};
  std::string lease = {};  // the holder of the operator's Lease, a phrase; may be empty
};
// "lease held by HOLDER, renewed 2s ago", or that no operator runs, from a Lease object.
std::string LeaseInWords(const kube::Object& lease, WallTime now);

// The reason that keeps the object from being ready and in sync; null when there is none, or when
// this program does not know the reason in the condition.
const managed::ReasonInfo* BlockingReason(const ObjectView& view);

// One screen, broken at `width` columns (0: not broken); commands to copy are never broken. Shows
// at most the last ten effects; on a terminal (width > 0) fewer, but at least three, if that is
// needed to fit into 24 lines.
std::vector<std::string> ExplanationToLines(const Explanation& explanation, bool colours, std::size_t width);
// {"object": {see ViewToJson}, "reason", "meaning", "remedy", "recording": {see RecordingsToJson}}.
Json ExplanationToJson(const Explanation& explanation);

}  // namespace capstan::app
