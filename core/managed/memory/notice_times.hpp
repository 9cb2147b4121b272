// Private to core/managed. NoticeTimes remembers when each object's notices were last requested,
// and which clouds have none. Losing its contents costs requests. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::managed {

class NoticeTimes {
 public:
  // Whether the notices of the object with that uid may be requested now, considering its own rate
  // and that of all objects; if so, counts the request.
  bool MayRequest(const std::shared_ptr<external::External>& cloud, const std::string& uid, Instant now);
  // This connection never has notices.
  void HasNone(const std::shared_ptr<external::External>& cloud);

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Instant> asked_ CAPSTAN_GUARDED_BY(mutex_);
  std::deque<Instant> recent_ CAPSTAN_GUARDED_BY(mutex_);  // requests of the last minute
  std::set<std::weak_ptr<external::External>, std::owner_less<>> without_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
