// Runs work in a child process and outlives it, so that a plugin that crashes or exits produces a
// message instead of silence.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace capstan::app {

// The work reports its progress to the supervisor, which uses the latest state if the child dies.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Begins(const std::string& what) = 0;
  // Keeps a line for the supervisor in case the child dies.
  virtual void Keep(const std::string& line) = 0;
};

struct Death {
  std::string during;  // the latest Begins
  std::string how;     // "SIGSEGV", "exit status 3"
  std::vector<std::string> kept;
};

// Forks; `work` runs in the child and returns the exit status. If the child ends without returning
// from `work`, `died` runs here and returns the exit status. Signals are forwarded; a duplicate
// that arrives at the same time is forwarded once. REQUIRES: no thread has been started.
int RunSupervised(const std::function<int(Progress&)>& work, const std::function<int(const Death&)>& died);

}  // namespace capstan::app
