#include <capstan/simulation/engine/interference.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace capstan::simulation {
namespace {

constexpr auto kRefused = std::chrono::minutes(10);
constexpr std::size_t kLast = 1000;  // more tasks than any run has

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Refusal RefusalFor(Mishap mishap, const Effect& effect, Instant now) {
  Refusal refusal;
  refusal.shape = effect.shape;
  refusal.cloud = effect.cloud;
  refusal.from = now;
  refusal.until = After(refusal.from, kRefused);
  const bool rights = mishap == Mishap::kRightsTaken;
  refusal.status = rights ? 403 : effect.cloud ? 422 : 400;
  refusal.words = rights ? "the rule of rights 7f3 says no" : "the rule of shapes 7f3 says no";
  return refusal;
}

bool Disorder(WatchFaults& faults, Mishap mishap, Instant now) {
  if (mishap == Mishap::kWatchDelayed) faults.delay_until = After(now, std::chrono::minutes(1));
  if (mishap == Mishap::kWatchDuplicated) faults.twice = 3;
  if (mishap == Mishap::kWatchLost) faults.lost = 1;
  if (mishap == Mishap::kWatchSwapped) faults.swapped = 1;
  if (mishap != Mishap::kWatchCompacted && mishap != Mishap::kRelistOlder) return false;
  faults.older_list = mishap == Mishap::kRelistOlder;
  return true;
}

SchedulePolicy Steered(SchedulePolicy policy, std::shared_ptr<std::size_t> pick) {
  return [policy = std::move(policy), pick = std::move(pick)](std::size_t count) {
    const std::size_t chosen = std::exchange(*pick, 0);
    return chosen == 0 ? policy(count) : std::min(chosen, count - 1);
  };
}

std::size_t PickFor(Mishap mishap) { return mishap == Mishap::kSecondTask ? 1 : kLast; }

namespace {

// Advances `at` past `name` and the number after it; nullopt when the text there is something else.
std::optional<std::int64_t> NumberAfter(std::string_view text, std::string_view name, std::size_t& at) {
  if (text[at] != '"' || text.substr(at, name.size()) != name) return std::nullopt;
  std::int64_t number = 0;
  const char* const begin = text.data() + at + name.size();
  const auto read = std::from_chars(begin, text.data() + text.size(), number);
  if (read.ec != std::errc{}) return std::nullopt;
  at = static_cast<std::size_t>(read.ptr - text.data());
  return number;
}

}  // namespace

std::uint64_t MixText(std::uint64_t state, std::string_view text, const UidNames* uids) {
  constexpr std::size_t kUid = 36;
  std::int64_t generation = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (uids != nullptr && i + kUid <= text.size() && text[i + 8] == '-' && text[i + 13] == '-' &&
        text[i + 18] == '-' && text[i + 23] == '-') {
      if (const auto named = uids->find(text.substr(i, kUid)); named != uids->end()) {
        state = (state ^ named->second) * 0x100000001B3ULL;
        i += kUid - 1;
        continue;
      }
    }
    const bool time = i + 20 <= text.size() && IsDigit(text[i]) && text[i + 4] == '-' && text[i + 7] == '-' &&
                      text[i + 10] == 'T' && text[i + 13] == ':';
    if (time) {
      while (i < text.size() && text[i] != '"') ++i;
      continue;
    }
    // The number of edits is a version; how many of them were observed is not.
    if (const auto number = NumberAfter(text, "\"generation\":", i)) {
      generation = *number;
      --i;
      continue;
    }
    if (const auto number = NumberAfter(text, "\"observedGeneration\":", i)) {
      state = (state ^ static_cast<std::uint64_t>(generation - *number)) * 0x100000001B3ULL;
      --i;
      continue;
    }
    constexpr std::string_view kVersion = "\"resourceVersion\":\"";
    if (text[i] == '"' && text.substr(i, kVersion.size()) == kVersion) {
      i += kVersion.size();
      while (i < text.size() && IsDigit(text[i])) ++i;
      continue;
    }
    state = (state ^ static_cast<unsigned char>(text[i])) * 0x100000001B3ULL;
  }
  return state;
}

}  // namespace capstan::simulation
