// Operator: loads the plugins and runs a controller for each of their kinds against one Kubernetes
// API. Wiring only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/core/http/transport.hpp>
#include <capstan/core/trace/exporter.hpp>
#include <capstan/core/trace/trace.hpp>

namespace capstan::app {

struct OperatorOptions {
  std::string server;  // the Kubernetes API
  std::string plugin_dir;
  bool allow_writable_plugins = false;  // by others than root and this process's user
  std::vector<std::string> namespaces;  // empty: all
  int workers = 8;                      // per kind
  bool install_crds = false;
  Duration create_settle = std::chrono::seconds(30);
  Duration poll_changing = std::chrono::seconds(5);
  // Where an object may use a token of the environment; "*" is all.
  std::vector<std::string> environment_namespaces;
  std::string owner_id;  // empty: the uid of namespace kube-system
  std::string operator_namespace = "capstan-system";
  bool allow_crd_deletion = false;
  std::string holder;                  // our name in leases and intents, unique to this process life
  bool leader_elect = false;           // of several processes one works; the others wait with warm caches
  std::string lease_name = "capstan";  // the Lease in operator_namespace that they compete for
  int shards = 1;                      // more: the work is divided among all that say the same number
  std::function<std::uint64_t()> dropped_log_lines;  // for metrics; null: not known
  std::function<trace::ExportCounts()> spans;        // the same
  std::string health_address;                        // serves /healthz, /readyz and /metrics; empty: nowhere
  std::string web_address;                           // serves the page; empty: nowhere
  Duration orphan_interval = std::chrono::minutes(10);  // how often orphans are looked for; zero: never
  // Called once, when health and the page are served: their URLs, empty where they are not.
  std::function<void(const std::string& health_url, const std::string& web_url)> serving;
  // Variables for credentials and plugin configuration; null: none.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// What an operator works with. `kubernetes` carries the credentials of the API; `cloud` none.
// Neither repeats, measures or limits anything: the operator does. All must outlive it.
struct OperatorParts {
  Scheduler& scheduler;
  Random& random;
  Files& files;
  Log& log;
  http::Transport& kubernetes;
  http::Transport& cloud;
  trace::Tracer* tracer = nullptr;  // null: nothing is traced
};

// Runs until the context stops, then finishes what runs (20 s at most). Returns early only when it
// cannot work at all: no plugin could be loaded, or the API refuses us for good. Says on the log
// what it waits for (API server, CRDs).
Status RunOperator(const OperatorOptions& options, const OperatorParts& parts, const Context& context);

}  // namespace capstan::app
