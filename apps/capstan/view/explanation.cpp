#include <capstan/apps/capstan/view/explanation.hpp>

#include <algorithm>

#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/managed/names.hpp>

namespace capstan::app {
namespace {

constexpr std::size_t kEffectsShown = 10, kFewestEffects = 3;
// The smallest common terminal, minus one line for the prompt.
constexpr std::size_t kScreen = 23;
constexpr std::size_t kTexts = 16;  // the column in which the texts start

// " name text", with the names in one column.
std::string Line(std::string_view name, std::string_view text) {
  std::string line = StrCat("  ", name);
  if (line.size() < kTexts - 2) line.append(kTexts - 2 - line.size(), ' ');
  return StrCat(line, "  ", text);
}

std::vector<std::string> WrappedAll(const std::vector<std::string>& lines, std::size_t width) {
  std::vector<std::string> all;
  for (const std::string& line : lines) {
    for (std::string& part : Wrapped(line, kTexts, width)) all.push_back(std::move(part));
  }
  return all;
}

std::string Took(Duration took) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  return ms < 1000 ? StrCat(ms, " ms") : FormatDuration(std::chrono::milliseconds(ms));
}

Colour ColourOf(const std::string& outcome) {
  if (outcome == "ok" || outcome == "done") return Colour::kGreen;
  return outcome == "wait" || outcome == "not_found" ? Colour::kYellow : Colour::kRed;
}

std::string Headline(const ObjectView& view, bool colours) {
  const bool well = view.is_ready() && view.is_synced();
  const std::string state =
      view.deleting ? "is being deleted"
      : well        ? "is ready and matches its spec"
      : view.is_ready()
          ? StrCat("is ready, and does not match its spec yet (", view.synced_reason, ")")
          : StrCat("is not ready (", view.ready_reason.empty() ? "no status yet" : view.ready_reason, ")");
  return StrCat(view.kind, " ", view.key.ToString(), " ",
                Coloured(state, well ? Colour::kGreen : Colour::kYellow, colours));
}

void AddPlan(const ObjectView& view, bool colours, std::vector<std::string>& lines) {
  if (view.steps.empty()) {
    lines.push_back(Line("plan", view.waiting.empty() ? "nothing to do" : view.waiting));
    return;
  }
  int number = 0;
  for (const StepView& step : view.steps) {
    std::string text = StrCat(step.current ? "-> " : "   ", ++number, ". ", step.verb, " ", step.target);
    if (!step.why.empty()) text += ": " + step.why;
    if (step.destroys) text += Coloured(" (destroys)", Colour::kRed, colours);
    lines.push_back(Line(number == 1 ? "plan" : "", text));
  }
}

std::string Until(const managed::Recording& recording, WallTime now) {
  if (!recording.until) return "a change of the object";
  if (*recording.until <= now) return "due now";
  return StrCat("reconciled again in ", ShortAge(*recording.until - now + std::chrono::milliseconds(999)));
}

// Adds what the object waits for, if more is known than the reason.
void AddWaits(const Explanation& explanation, std::vector<std::string>& lines) {
  const ObjectView& view = explanation.view;
  if (view.synced_reason == "ApprovalNeeded" && !view.plan_hash.empty())
    lines.push_back(Line("until", "approval of plan " + view.plan_hash));
  if (!explanation.recording) return;
  const managed::Recording& recording = *explanation.recording;
  if (recording.write_unseen)
    lines.push_back(Line("until", "own write not yet seen: the operator's cache is behind the API server"));
  const bool refused =
      !recording.effects.empty() && recording.effects.back().outcome == CodeName(Code::kResourceExhausted);
  if ((refused || view.synced_reason == "RateLimited") && recording.until &&
      *recording.until > explanation.now)
    lines.push_back(Line("until", StrCat("quota resets in ", ShortAge(*recording.until - explanation.now +
                                                                      std::chrono::milliseconds(999)))));
}

// The rows as a table of at most `width` columns (0: unlimited), shortening targets first and then
// details.
std::vector<std::string> Fitted(std::vector<std::vector<std::string>> rows, std::size_t width) {
  constexpr std::size_t kLeast = 12, kTarget = 2, kDetail = 5;
  for (const std::size_t column : {kTarget, kDetail}) {
    std::size_t widest = 0, cell = 0;
    for (const std::string& line : AlignedTable(rows)) widest = std::max(widest, ColumnsOf(line));
    for (const auto& row : rows) cell = std::max(cell, row[column].size());
    if (width == 0 || widest <= width) break;
    const std::size_t over = widest - width;
    const std::size_t left = cell > over + kLeast ? cell - over : kLeast;
    for (auto& row : rows) row[column] = Shorten(row[column], left);
  }
  return AlignedTable(rows);
}

void AddEffects(const Explanation& explanation, bool colours, std::size_t width,
                std::vector<std::string>& lines) {
  if (!explanation.recording) {
    if (!explanation.no_recording.empty()) lines.push_back(Line("last effects", explanation.no_recording));
    return;
  }
  const auto& effects = explanation.recording->effects;
  if (effects.empty()) {
    lines.push_back(Line("last effects", "none since the operator started"));
    return;
  }
  lines.push_back("  last effects");
  std::vector<std::vector<std::string>> rows;
  const std::size_t room = kScreen - std::min(lines.size(), kScreen);
  const std::size_t shown = width == 0 ? kEffectsShown : std::clamp(room, kFewestEffects, kEffectsShown);
  const std::size_t first = effects.size() - std::min(effects.size(), shown);
  for (std::size_t i = first; i < effects.size(); ++i) {
    const managed::Effect& effect = effects[i];
    std::string target = Shorten(effect.target, 44);
    if (effect.count > 1) target += StrCat(" (", effect.count, " times)");
    rows.push_back({FormatRfc3339(effect.at).substr(11, 8), effect.operation, std::move(target),
                    effect.outcome, Took(effect.took), Shorten(effect.detail, 100)});
  }
  const auto aligned = Fitted(rows, width > 4 ? width - 4 : 0);
  for (std::size_t i = 0; i < aligned.size(); ++i)
    lines.push_back("    " + Coloured(aligned[i], ColourOf(rows[i][3]), colours));
}

}  // namespace

const managed::ReasonInfo* FindReason(std::string_view name) {
  for (const managed::ReasonInfo& reason : managed::AllReasons())
    if (EqualsIgnoreCase(reason.name, name)) return &reason;
  return nullptr;
}

std::vector<std::string> ExplainReason(const managed::ReasonInfo& reason, std::size_t width) {
  return WrappedAll(
      {StrCat(reason.name, " (condition ", reason.condition, ")"), Line("meaning", reason.meaning),
       Line("what to do", reason.remedy.empty() ? "Nothing." : reason.remedy)},
      width);
}

Json ReasonToJson(const managed::ReasonInfo& reason) {
  return Json::EmptyObject()
      .Set("reason", reason.name)
      .Set("condition", reason.condition)
      .Set("meaning", reason.meaning)
      .Set("remedy", reason.remedy);
}

std::vector<std::string> ListReasons() {
  std::vector<std::vector<std::string>> rows = {{"REASON", "CONDITION", "MEANING"}};
  for (const managed::ReasonInfo& reason : managed::AllReasons())
    rows.push_back({std::string(reason.name), std::string(reason.condition), std::string(reason.meaning)});
  return AlignedTable(rows);
}

std::string LeaseInWords(const kube::Object& lease, WallTime now) {
  const std::string holder = lease.StringAt("/spec/holderIdentity").value_or("");
  if (holder.empty()) return "no operator runs: nobody holds the Lease";
  const auto renewed = ParseRfc3339(lease.StringAt("/spec/renewTime").value_or(""));
  if (!renewed) return "lease held by " + holder;
  const Duration age = std::max<Duration>(now - *renewed, Duration::zero());
  const auto lasts = std::chrono::seconds(lease.IntegerAt("/spec/leaseDurationSeconds").value_or(15));
  if (age > lasts)
    return StrCat("no operator runs: the lease was last held by ", holder, ", ", ShortAge(age), " ago");
  return StrCat("lease held by ", holder, ", renewed ", ShortAge(age), " ago");
}

const managed::ReasonInfo* BlockingReason(const ObjectView& view) {
  if (view.synced != "True" && !view.synced_reason.empty()) {
    if (const auto* reason = FindReason(view.synced_reason)) return reason;
  }
  return view.ready == "True" ? nullptr : FindReason(view.ready_reason);
}

std::vector<std::string> ExplanationToLines(const Explanation& explanation, bool colours, std::size_t width) {
  const ObjectView& view = explanation.view;
  std::vector<std::string> lines = {Headline(view, colours)};
  lines.push_back(Line("cloud object", view.id.empty() ? "none yet" : view.id));
  std::string phase = view.phase.empty() ? "not known yet" : view.phase;
  if (view.nodes) phase += StrCat(", ", view.ready_nodes.value_or(0), " of ", *view.nodes, " nodes run");
  if (view.monthly_cost) phase += StrCat(", ", Money(view.monthly_cost), " a month");
  lines.push_back(Line("phase", phase));
  AddPlan(view, colours, lines);
  const managed::ReasonInfo* reason = BlockingReason(view);
  if (view.synced != "True" && !view.synced_message.empty())
    lines.push_back(Line("waits for", StrCat(view.synced_reason, ": ", view.synced_message)));
  else if (!view.is_ready() && !view.ready_message.empty())
    lines.push_back(Line("waits for", StrCat(view.ready_reason, ": ", view.ready_message)));
  if (!view.observed_latest && !view.synced_reason.empty())
    lines.push_back(Line("", "the latest edit of the spec is not yet reconciled"));
  AddWaits(explanation, lines);
  if (explanation.recording) lines.push_back(Line("next", Until(*explanation.recording, explanation.now)));
  if (!explanation.lease.empty()) lines.push_back(Line("operator", explanation.lease));
  if (reason != nullptr) {
    lines.push_back(Line("meaning", reason->meaning));
    lines.push_back(Line("what to do", reason->remedy.empty() ? "Nothing; it continues by itself."
                                                              : std::string(reason->remedy)));
  }
  lines = WrappedAll(lines, width);
  if (!view.plan_hash.empty() && view.synced_reason == "ApprovalNeeded")
    lines.push_back(Line("", StrCat("kubectl annotate ", ToLower(view.kind), "/", view.key.name,
                                    view.key.namespace_.empty() ? "" : " -n " + view.key.namespace_,
                                    " --overwrite ", managed::kApproveAnnotation, "=", view.plan_hash)));
  AddEffects(explanation, colours, width, lines);
  return lines;
}

Json ExplanationToJson(const Explanation& explanation) {
  Json json = Json::EmptyObject();
  json.Set("object", ViewToJson(explanation.view, explanation.now));
  if (const auto* reason = BlockingReason(explanation.view)) {
    json.Set("reason", reason->name).Set("meaning", reason->meaning).Set("remedy", reason->remedy);
  }
  if (explanation.recording) {
    const auto recordings = Json::Parse(managed::RecordingsToJson({*explanation.recording}));
    if (recordings) json.Set("recording", (*recordings)["recordings"].items().at(0));
  } else if (!explanation.no_recording.empty()) {
    json.Set("noRecording", explanation.no_recording);
  }
  if (!explanation.lease.empty()) json.Set("operator", explanation.lease);
  return json;
}

}  // namespace capstan::app
