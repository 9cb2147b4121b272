// Seams is what a plugin acts and waits through: all that it does goes through these of its host.
#pragma once

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::loader {

// References: each must outlive every Provider made with it.
struct Seams {
  Scheduler& scheduler;
  http::Transport& transport;
  Random& random;
  Log& log;
};

}  // namespace capstan::loader
