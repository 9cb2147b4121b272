// The building blocks of mishaps, whatever is run: refusals, faults of watches, cut streams,
// choices of the scheduler, and the comparison of two states of the servers. For the tasks of one
// SimulatedScheduler, of which one runs at a time.
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

// The refusal that kRefusedForLong and kRightsTaken start at this effect.
Refusal RefusalFor(Mishap mishap, const Effect& effect, Instant now);

// Arms the watch faults of a kStale mishap. True: the caller must also compact the history and cut
// the streams.
bool Disorder(WatchFaults& faults, Mishap mishap, Instant now);

// A policy whose next choice can be preset through `pick`, as the index of the task to run; at 0,
// and afterwards, `policy` decides. PickFor: the index for a kOrder mishap.
SchedulePolicy Steered(SchedulePolicy policy, std::shared_ptr<std::size_t> pick);
std::size_t PickFor(Mishap mishap);

// Adds a number to a hash.
inline std::uint64_t Mix(std::uint64_t state, std::uint64_t more) {
  state ^= more + 0x9E3779B97F4A7C15ULL + (state << 6) + (state >> 2);
  return state * 0xBF58476D1CE4E5B9ULL;
}
// Adds a text to a hash without anything that depends on time and chance: times, versions, and the
// number of edits (except how many of them were observed). Uids with a name are hashed by that
// name.
inline constexpr std::uint64_t kNoText = 0xCBF29CE484222325ULL;
using UidNames = std::map<std::string, std::uint64_t, std::less<>>;
std::uint64_t MixText(std::uint64_t state, std::string_view text, const UidNames* uids = nullptr);

// A handler in front of the API server that can abort its open streams.
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
