// What the mishaps of any run are made of, whatever it runs: what is refused, shown wrongly, cut,
// steered, and how two states of the servers are compared.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/simulation/engine/effect_port.hpp>

namespace capstan::simulation {

// The refusal that kRefusedForLong and kRightsTaken begin at this effect.
Refusal RefusalFor(Mishap mishap, const Effect& effect, Instant now);

// Sets what a kStale mishap makes the views show. True: the history is to be compacted too, and the
// streams cut.
bool Disorder(WatchFaults& faults, Mishap mishap, Instant now);

// One choice can be made in advance, the place of the task that goes next; 0, and afterwards: as
// the policy says. PickFor: the choice of a kOrder mishap.
SchedulePolicy Steered(SchedulePolicy policy, std::shared_ptr<std::size_t> pick);
std::size_t PickFor(Mishap mishap);

// Adds a number to a hash.
inline std::uint64_t Mix(std::uint64_t state, std::uint64_t more) {
  state ^= more + 0x9E3779B97F4A7C15ULL + (state << 6) + (state >> 2);
  return state * 0xBF58476D1CE4E5B9ULL;
}
// Adds a text to a hash without what time and chance make of it: times, versions, how many edits
// there were (but for how many of them were observed). Uids that have a name go in by it.
inline constexpr std::uint64_t kNoText = 0xCBF29CE484222325ULL;
using UidNames = std::map<std::string, std::uint64_t, std::less<>>;
std::uint64_t MixText(std::uint64_t state, std::string_view text, const UidNames* uids = nullptr);

// Stands in front of the API server and can end the streams that it has open.
class StreamGate final : public http::Handler {
 public:
  explicit StreamGate(http::Handler& next) : next_(next) {}
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override {
    if (request.url.find("watch=") == std::string::npos) return next_.Handle(request, writer, context);
    open_.insert(&writer);
    next_.Handle(request, writer, context);
    open_.erase(&writer);
  }
  void Cut() {
    for (http::ResponseWriter* writer : open_) writer->Abort();
    open_.clear();
  }

 private:
  http::Handler& next_;
  std::set<http::ResponseWriter*> open_;
};

}  // namespace capstan::simulation
