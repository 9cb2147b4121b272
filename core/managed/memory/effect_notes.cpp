#include <capstan/core/managed/memory/effect_notes.hpp>

#include <capstan/core/base/text.hpp>

namespace capstan::managed {

EffectNotes::End EffectNotes::Ending(const external::Outcome& outcome) {
  const bool good = outcome.verdict == external::Verdict::kDone ||
                    outcome.verdict == external::Verdict::kWait ||
                    outcome.verdict == external::Verdict::kNotFound;
  return {std::string(external::VerdictName(outcome.verdict)), outcome.error ? outcome.error->message : "",
          good, outcome.id};
}

void EffectNotes::Conclude(Reach reach, const trace::Scope& span, Effect effect, End end) {
  if (span) {
    if (!effect.target.empty()) span->Set("capstan.target", effect.target);
    span->Set("capstan.outcome", end.outcome);
    if (!end.id.empty()) span->Set("capstan.id", end.id);
    if (!end.good) span->Fail(end.detail);
  }
  Say(reach, effect, end);
  if (recorder_ == nullptr) return;
  effect.outcome = std::move(end.outcome);
  effect.detail = std::move(end.detail);
  recorder_->Note(kind_, key_, std::move(effect));
}

void EffectNotes::Say(Reach reach, const Effect& effect, const End& end) {
  const LogLevel level = reach != Reach::kChange ? LogLevel::kDebug
                         : end.good              ? LogLevel::kInfo
                                                 : LogLevel::kWarning;
  ModuleLog log(log_, reach == Reach::kWrite ? "controller" : "cloud");
  if (!log.Enabled(level)) return;
  std::vector<LogField> fields = {{"object", StrCat(kind_, " ", key_)}, {"effect", effect.operation}};
  if (!effect.target.empty()) fields.emplace_back("target", effect.target);
  fields.emplace_back("outcome", end.outcome);
  if (!end.id.empty()) fields.emplace_back("id", end.id);
  fields.emplace_back("took", FormatDuration(effect.took));
  if (!end.good && !end.detail.empty()) fields.emplace_back("error", end.detail);
  log.Write(level, end.good ? "carried out an effect" : "an effect failed", fields);
}

}  // namespace capstan::managed
