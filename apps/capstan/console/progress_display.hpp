// ProgressDisplay shows a user the progress step by step: on a terminal as one live line that
// counts the seconds, elsewhere as plain lines, each written once. Thread-safe. The clock must
// outlive it.
#pragma once

#include <string>

#include <capstan/apps/capstan/console/terminal.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::app {

class ProgressDisplay {
 public:
  // Uses colours and the live line only if `terminal` supports them.
  ProgressDisplay(const Clock& clock, Terminal terminal);

  // Starts a step, which stays the live line until Done or Failed.
  void Begin(const std::string& what) CAPSTAN_EXCLUDES(mutex_);
  // Progress of the step: `fraction` in [0, 1], negative when unknown. Plain output prints each new
  // `detail` once.
  void Update(const std::string& detail, double fraction = -1) CAPSTAN_EXCLUDES(mutex_);
  // Redraws the live line; call it a few times a second.
  void Tick() CAPSTAN_EXCLUDES(mutex_);
  void Done(const std::string& what) CAPSTAN_EXCLUDES(mutex_);
  void Failed(const std::string& what) CAPSTAN_EXCLUDES(mutex_);
  // Prints lines below the completed step.
  void Detail(const std::string& text) CAPSTAN_EXCLUDES(mutex_);

 private:
  void Draw() CAPSTAN_REQUIRES(mutex_);
  void Finish(const char* mark, const char* colour, const std::string& what) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const Clock& clock_;
  const bool terminal_;
  const bool colours_;
  const Instant started_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::string what_ CAPSTAN_GUARDED_BY(mutex_);
  std::string detail_ CAPSTAN_GUARDED_BY(mutex_);
  double fraction_ CAPSTAN_GUARDED_BY(mutex_) = -1;
  Instant began_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::app
