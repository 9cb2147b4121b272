// PluginMachine is what this machine gives to a plugin under test: files, environment, randomness
// and the network, with or without clouds.
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

// For one thread, once it is connected: what it hands out is thread-safe. The scheduler must
// outlive it, and it what was made with it.
class PluginMachine {
 public:
  explicit PluginMachine(Scheduler& scheduler) : scheduler_(scheduler) {}

  // First of all. Errors: those of program::ConnectToClouds.
  Status Connect();
  http::Transport& clouds() { return *clouds_; }
  // The same for addresses of this machine alone.
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

// The CRD that this provider brings for the kind; empty when it brings none.
std::string CrdOf(external::Provider& provider, const external::KindInfo& kind);

}  // namespace capstan::app
