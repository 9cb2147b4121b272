// Private to Controller: its metrics, under the names controller-runtime and client-go use.
// Thread-safe, except Collect, which one thread at a time may call.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <capstan/core/runtime/controller.hpp>

namespace capstan::runtime {

inline double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

struct Controller::Instruments {
  Instruments(Metrics& metrics, const std::string& name, int workers);
  // Updates the metrics whose values have to be read from the queue.
  void Collect(const Workqueue& queue);

  Counter &success, &requeue, &requeue_after, &error, &errors, &panics;
  Histogram& time;
  Gauge& active;
  Histogram &queued, &worked;
  std::list<FollowingCounter> totals;
  std::vector<Gauge*> gauges;
};

}  // namespace capstan::runtime
