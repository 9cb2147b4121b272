// PluginMachine provides what a plugin under test needs of this machine: files, environment,
// randomness and the network, with or without access to clouds.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <capstan/apps/capstan/verify/plugin_verification.hpp>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/plugins/loader/adapt.hpp>

namespace capstan::app {

// Connect and the accessors are for one thread; the returned objects are thread-safe. The scheduler
// must outlive this object, which must outlive what was created with it.
class PluginMachine {
 public:
  explicit PluginMachine(Scheduler& scheduler) : scheduler_(scheduler) {}

  // REQUIRES: called first. Errors: those of program::ConnectToClouds.
  Status Connect();
  http::Transport& clouds() { return *clouds_; }
  // Likewise, but only for addresses of this machine.
  http::Transport& loopback() { return *loopback_; }

  Scheduler& scheduler() { return scheduler_; }
  Random& random() { return *random_; }
  Files& files() { return *files_; }
  SilentLog& log() { return log_; }
  // The variables of this process.
  Environment environment() {
    return [this](const std::string& name) { return process_->Environment(name); };
  }
  loader::Seams SeamsOver(http::Transport& transport, Log& log) {
    return {scheduler_, transport, *random_, log};
  }

 private:
  Scheduler& scheduler_;
  const std::unique_ptr<Files> files_ = MakeSystemFiles();
  const std::unique_ptr<Process> process_ = MakeSystemProcess();
  const std::unique_ptr<Random> random_ = MakeSystemRandom();
  SilentLog log_;
  std::unique_ptr<http::Transport> clouds_;
  std::optional<LoopbackOnlyTransport> loopback_;
};

// The provider's CRD for the kind; empty when it has none.
std::string CrdOf(external::Provider& provider, const external::KindInfo& kind);

}  // namespace capstan::app
