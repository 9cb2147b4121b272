#include <capstan/core/program/folding_log.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include <capstan/core/base/text.hpp>

namespace capstan::program {
namespace {

constexpr std::array<std::string_view, 11> kSubjects = {"object", "kind",     "namespace", "name",
                                                        "plugin", "resource", "configmap", "lease",
                                                        "effect", "target",   "id"};

// Empty if the line names no subject.
std::string NameOf(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  std::string subject;
  for (const LogField& field : fields) {
    if (std::find(kSubjects.begin(), kSubjects.end(), field.key) != kSubjects.end())
      subject += StrCat(field.key, "=", field.value, "\n");
  }
  return subject.empty() ? subject : StrCat(static_cast<int>(level), message, "\n", subject);
}

// What it says of its trouble, as a number. Durations, ports and times are no other trouble.
std::uint64_t WordsOf(const std::vector<LogField>& fields) {
  std::string words;
  for (const LogField& field : fields) {
    if (field.key == "error" || field.key == "message") words += field.value + "\n";
  }
  std::erase_if(words, [](char c) { return c >= '0' && c <= '9'; });
  return std::hash<std::string>()(words);
}

}  // namespace

FoldingLog::Turn FoldingLog::Ask(std::uint64_t name, std::uint64_t words) {
  const Instant now = clock_.Now();
  MutexLock lock(mutex_);
  const auto found = known_.find(name);
  if (found == known_.end()) {
    if (events_.size() >= kKept) {
      known_.erase(events_.back().name);
      events_.pop_back();
    }
    events_.push_front({name, now, 0, {words}});
    known_.emplace(name, events_.begin());
    return {true, 0};
  }
  Event& event = *found->second;
  if (now - event.written < interval_) {
    const bool said = std::find(event.words.begin(), event.words.end(), words) != event.words.end();
    if (said || event.words.size() >= kMostWords) {
      ++event.left_out;
      return {};
    }
    event.words.push_back(words);
    return {true, std::exchange(event.left_out, 0)};
  }
  event.words.assign(1, words);
  events_.splice(events_.begin(), events_, found->second);
  event.written = now;
  return {true, std::exchange(event.left_out, 0)};
}

void FoldingLog::Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  const std::string name = NameOf(level, message, fields);
  if (name.empty()) return next_.Write(level, message, fields);
  const Turn turn = Ask(std::hash<std::string>()(name), WordsOf(fields));
  if (!turn.write) return;
  if (turn.repeated == 0) return next_.Write(level, message, fields);
  std::vector<LogField> more = fields;
  more.emplace_back("repeated", turn.repeated);
  next_.Write(level, message, more);
}

}  // namespace capstan::program
