// Private to core/managed. NoticeTimes remembers when which object's notices were asked for, and
// which clouds have none. A courtesy to the cloud: forgetting it costs requests. Thread-safe.
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
  // Whether the object of that uid may be asked for now, for its own sake and the others'; if so,
  // that is noted.
  bool MayAsk(const std::shared_ptr<external::External>& cloud, const std::string& uid, Instant now);
  // This connection has no notices, ever.
  void HasNone(const std::shared_ptr<external::External>& cloud);

 private:
  // Guarded by mutex_.
  Mutex mutex_;
  std::map<std::string, Instant> asked_ CAPSTAN_GUARDED_BY(mutex_);
  std::deque<Instant> recent_ CAPSTAN_GUARDED_BY(mutex_);  // the questions of the last minute
  std::set<std::weak_ptr<external::External>, std::owner_less<>> without_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::managed
