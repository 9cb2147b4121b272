// WatchFaults are the faults of a life's lists and watches: events late, duplicated, lost or
// reordered, and lists older than before. Arm a fault here; the streams and lists of that life
// apply it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::simulation {

// Not thread-safe: one task of a simulation runs at a time.
struct WatchFaults {
  Instant delay_until{};  // events that arrive until then are delivered `delay` later
  Duration delay = std::chrono::seconds(8);
  int twice = 0;            // number of events to duplicate
  int lost = 0;             // number of events to lose, each with its stream
  int swapped = 0;          // number of events to hold back until the next one of another object
  bool older_list = false;  // the next list repeats the first list of its URL

  bool dead = false;  // nothing is delivered any more

  // The first answer to this list, if an older list is armed.
  std::optional<http::Response> OlderList(const std::string& url);
  void KeepList(const std::string& url, const http::Response& reply) { lists_.try_emplace(url, reply); }

 private:
  std::map<std::string, http::Response> lists_;
};

// Applies the faults to a stream: that of a watch, or that of a list, which is recorded.
http::StreamResponse WithFaults(http::StreamResponse next, const std::string& url,
                                std::shared_ptr<WatchFaults> faults, Scheduler& scheduler);
// The stream, cut in the middle of its body.
http::StreamResponse CutInHalf(http::StreamResponse next, const Context& context);
// A stream of one complete answer.
http::StreamResponse WholeStream(http::Response response);

}  // namespace capstan::simulation
