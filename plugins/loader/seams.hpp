// Seams are the interfaces through which a plugin acts and waits; everything it does goes through
// them. A value; the interfaces are thread-safe.
#pragma once

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/transport.hpp>

namespace capstan::loader {

// References: each must outlive every Provider created with it.
struct Seams {
  Scheduler& scheduler;
  http::Transport& transport;
  Random& random;
  Log& log;
};

}  // namespace capstan::loader
