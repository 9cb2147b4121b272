// Private to Controller: what it shows at /metrics, by controller-runtime's and client-go's names.
// Thread-safe, except Collect, which is for one thread.
#pragma once

#include <list>
#include <string>
#include <vector>

#include <capstan/core/runtime/controller.hpp>

namespace capstan::runtime {

inline double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

struct Controller::Instruments {
  Instruments(Metrics& metrics, const std::string& name, int workers);
  // Reads what is known only by asking the queue.
  void Collect(const Workqueue& queue);

  Counter &success, &requeue, &requeue_after, &error, &errors, &panics;
  Histogram& time;
  Gauge& active;
  Histogram &queued, &worked;
  std::list<FollowingCounter> totals;
  std::vector<Gauge*> gauges;
};

}  // namespace capstan::runtime
