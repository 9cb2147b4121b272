// WatchFaults is what a life's lists and watches are made to show: late, twice, cut, in another
// order, or older than before. Set it; the streams and lists of that life follow.
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
  Instant delay_until{};  // what arrives until then is shown `delay` later
  Duration delay = std::chrono::seconds(8);
  int twice = 0;            // so many events are shown twice
  int lost = 0;             // so many events are lost, each with its stream
  int swapped = 0;          // so many events wait for the next of another object
  bool older_list = false;  // the next list is the first that was seen of its URL

  bool dead = false;  // nothing is shown any more

  // The first answer to this list, when that is due now.
  std::optional<http::Response> OlderList(const std::string& url);
  void KeepList(const std::string& url, const http::Response& reply) { lists_.try_emplace(url, reply); }

 private:
  std::map<std::string, http::Response> lists_;
};

// The same stream under those faults: that of a watch, or that of a list, which is kept.
http::StreamResponse WithFaults(http::StreamResponse next, const std::string& url,
                                std::shared_ptr<WatchFaults> faults, Scheduler& scheduler);
// The same, cut in the middle of its body.
http::StreamResponse CutInHalf(http::StreamResponse next, const Context& context);
// A stream of one whole answer.
http::StreamResponse WholeStream(http::Response response);

}  // namespace capstan::simulation
