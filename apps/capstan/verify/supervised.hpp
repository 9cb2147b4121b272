// Runs work in a process of its own and outlives it, so that a plugin that crashes or exits ends in
// a sentence and not in silence.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace capstan::app {

// What the work tells its supervisor as it goes: what stands here when it dies is what it was at.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void Begins(const std::string& what) = 0;
  // A line that its supervisor gets if it dies.
  virtual void Keep(const std::string& line) = 0;
};

struct Death {
  std::string during;  // what it was at: the last Begins
  std::string how;     // "SIGSEGV", "exit status 3"
  std::vector<std::string> kept;
};

// Forks; `work` runs in the child, and its result is the exit status of the whole. `died` runs here
// when the child ended without returning from `work`, and gives the exit status then. Signals
// are passed on, once where they come twice at once. REQUIRES: no thread was started yet.
int RunSupervised(const std::function<int(Progress&)>& work, const std::function<int(const Death&)>& died);

}  // namespace capstan::app
