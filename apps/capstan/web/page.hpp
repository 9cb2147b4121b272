// Page is the web page of --web-address: the operator's objects, plans and effects. Read-only: it
// answers only GET and shows no secrets. It has no login: it listens on loopback by default, and
// elsewhere belongs behind a reverse proxy (docs/operations.md). Pages of other origins cannot read
// it; to prevent DNS rebinding, the Host of a page on loopback must be loopback too.
//
//   /                          the page; /page.js, /style.css
//   /api/state                 JSON: objects, plugins, samples of the last hour
//   /api/events                the same as server-sent events, whenever it changes
//   /api/objects/KIND/NAMESPACE/NAME   JSON: status, last effects and events of one object
//   /debug/objects/...         see DebugHandler
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <capstan/apps/capstan/web/debug_handler.hpp>
#include <capstan/apps/capstan/web/samples.hpp>
#include <capstan/core/assembly/managed_operator.hpp>
#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/http/handler.hpp>
#include <capstan/core/net/http_server.hpp>

namespace capstan::app {

// A loaded plugin as the page shows it.
struct PluginView {
  std::string name, version, description;
  std::vector<std::string> kinds;         // "DigitalOceanCluster.v1alpha1.anutosh491.dev"
  std::vector<std::string> capabilities;  // "list", "plan", ...: optional capabilities of its kinds
};

// Thread-safe. The references must outlive it; `plugins` must not change any more. A background
// task takes a sample every five seconds.
class Page final : public http::Handler {
 public:
  Page(assembly::ManagedOperator& managed, Scheduler& scheduler, const std::vector<PluginView>& plugins);
  ~Page() override;

  // Whether Host must name loopback. REQUIRES: called before the page is served.
  void OnlyLoopback(bool only) { only_loopback_ = only; }
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  using Text = std::shared_ptr<const std::string>;
  // At most half a second old.
  Text State() CAPSTAN_EXCLUDES(mutex_);
  std::string MakeState() const;
  std::string Object(const std::vector<std::string>& names, const Context& context) const;
  void Stream(http::ResponseWriter& writer, const Context& context);

  // Constant after construction.
  assembly::ManagedOperator& managed_;
  Scheduler& scheduler_;
  const std::vector<PluginView>& plugins_;

  // Each synchronizes itself; only_loopback_ is set before the page is served.
  DebugHandler debug_;
  Samples samples_;
  bool only_loopback_ = true;
  std::atomic<int> streams_{0};

  // Guarded by mutex_.
  Mutex mutex_;
  Text state_ CAPSTAN_GUARDED_BY(mutex_);
  Instant made_ CAPSTAN_GUARDED_BY(mutex_);

  Task sampling_;  // last: it uses the members above
};

// Errors: those of program::ParseListenAddress and net::StartHttpServer. `page` must outlive the
// result.
Result<std::unique_ptr<net::HttpServer>> ServePage(Page& page, const std::string& address);

}  // namespace capstan::app
