// InstalledPlugins: the plugins of --plugin-dir, loaded for inspection. They have full access to
// the system, but only their manifests are read. For one thread. Wiring only.
#pragma once

#include <memory>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/core/base/thread_scheduler.hpp>
#include <capstan/plugins/loader/directory.hpp>

namespace capstan::app {

class InstalledPlugins {
 public:
  // Writes refused plugins to standard error, one line each.
  static Result<std::unique_ptr<InstalledPlugins>> Load();
  const loader::Directory& directory() const { return directory_; }

 private:
  InstalledPlugins() = default;
  ThreadScheduler scheduler_;
  std::unique_ptr<Files> files_ = MakeSystemFiles();
  std::unique_ptr<Process> process_ = MakeSystemProcess();
  std::unique_ptr<Random> random_ = MakeSystemRandom();
  SilentLog log_;
  std::unique_ptr<http::Transport> clouds_;
  loader::Directory directory_;
};

}  // namespace capstan::app
