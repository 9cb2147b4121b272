// Operator: loads the plugins and runs a controller for each of their kinds against one Kubernetes
// API. Wiring only. RunOperator blocks its thread.
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
  std::string server;  // URL of the Kubernetes API
  std::string plugin_dir;
  // Writable by users other than root and the one of this process.
  bool allow_writable_plugins = false;
  std::vector<std::string> namespaces;  // empty: all
  int workers = 8;                      // for each kind
  bool install_crds = false;
  Duration create_settle = std::chrono::seconds(30);
  Duration poll_changing = std::chrono::seconds(5);
  // The namespaces whose objects can use a token from the environment; "*" means all.
  std::vector<std::string> environment_namespaces;
  std::string owner_id;  // empty: the uid of namespace kube-system
  std::string operator_namespace = "capstan-system";
  bool allow_crd_deletion = false;
  std::string holder;  // the operator's name in leases and intents, unique to this process
  // Only one of several processes is active; the others wait with warm caches.
  bool leader_elect = false;
  std::string lease_name = "capstan";  // the Lease in operator_namespace for which they compete
  int shards = 1;  // above 1: the work is divided among all processes with the same number
  std::function<std::uint64_t()> dropped_log_lines;  // for metrics; null: unknown
  std::function<trace::ExportCounts()> spans;        // for metrics; null: unknown
  std::string health_address;  // serves /healthz, /readyz and /metrics; empty: not served
  std::string web_address;     // serves the web page; empty: not served
  // How often to search for orphans; zero: never.
  Duration orphan_interval = std::chrono::minutes(10);
  // Called once when health and page are being served, with their URLs; a URL is empty if not
  // served.
  std::function<void(const std::string& health_url, const std::string& web_url)> serving;
  // Variables for credentials and plugin configuration; null: none.
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// The dependencies of an operator. `kubernetes` adds the credentials of the API; `cloud` adds none.
// Neither retries, measures or limits requests, because the operator does. All must outlive the
// call.
struct OperatorParts {
  Scheduler& scheduler;
  Random& random;
  Files& files;
  Log& log;
  http::Transport& kubernetes;
  http::Transport& cloud;
  trace::Tracer* tracer = nullptr;  // null: no tracing
};

// Runs until the context stops, then completes running reconciles (for at most 20 s). Returns early
// only if it cannot work at all: no plugin could be loaded, or the API refuses it permanently. Logs
// what it waits for (API server, CRDs).
Status RunOperator(const OperatorOptions& options, const OperatorParts& parts, const Context& context);

}  // namespace capstan::app
