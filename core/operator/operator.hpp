// Operator is a complete operator: what it watches, what it does, and everything a process needs
// for that. Its name and its flags, which are those of `capstan run`, determine cluster access
// (kubeconfig or pod), cache, queue, leader election, events, health, metrics, logs and signals.
//
//   int main(int argc, char** argv) {
//     Operator website({.name = "website"});
//     website.For<Website>().Owns(kube::ConfigMapKind()).Reconcile(Publish);
//     return website.Run(argc, argv);
//   }
//
// It is only a description: nothing happens before Run, and a test runs the same description on a
// capstan::testing::Cluster. It is built on RunningOperator (running_operator.hpp), which is built
// on runtime::Manager, and so on; each layer can be used without those above it.
//
// Configure it from one thread; constant afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/controller_builder.hpp>
#include <capstan/core/operator/turn.hpp>
#include <capstan/core/program/flags.hpp>

namespace capstan {

class RunningOperator;

// Settings. The flag with the name of a setting overrides it.
struct OperatorOptions {
  // A DNS label, such as "website": field manager of its writes, component of its Events, label
  // app.kubernetes.io/managed-by of the objects it creates, name of its Lease. Never change it: the
  // operator recognizes its own objects by it.
  std::string name;
  std::string version = "0.0.0";  // shown by --version and in the log
  // Prefix of its finalizer and annotations, a DNS name; empty: "<name>.operator".
  std::string domain = {};
  std::vector<std::string> namespaces = {};  // --namespaces: those to manage; empty: all
  int workers = 8;                           // --workers: concurrent reconciles per kind
  // --leader-elect: only one of several processes reconciles, chosen with a Lease.
  bool leader_elect = false;
  // --operator-namespace: where the Lease is; empty: $POD_NAMESPACE, otherwise the kubeconfig's
  // namespace.
  std::string operator_namespace = {};
  // --health-address: serves /healthz, /readyz, /metrics; empty: no server.
  std::string health_address = {};
  std::string kubeconfig = {};      // --kubeconfig; empty: $KUBECONFIG, ~/.kube/config, the pod
  std::string context = {};         // --context; empty: the kubeconfig's current-context
  std::string log_format = "text";  // --log-format: text or json
  std::string log_level = "info";   // --log-level: debug, info, warning or error
  // --log-levels: per module, such as "controller=debug,watch=error".
  std::string log_levels = {};
};

// An RBAC rule, as written in a Role.
struct AccessRule {
  std::string group, resource;  // "apps", "deployments"; with a subresource: "websites/status"
  std::vector<std::string> verbs;
  bool everywhere = true;  // in all managed namespaces; false: in the operator's own
  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

class Operator final {
 public:
  explicit Operator(OperatorOptions options);
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  // Adds a controller for a kind. The reference is valid as long as the operator.
  template <kube::ApiObject T>
  ControllerBuilder<T>& For() {
    return For<T>(T::Kind());
  }
  template <kube::JsonValue T>
  ControllerBuilder<T>& For(kube::Kind kind) {
    return Add<T>(std::move(kind), Content::kWhole);
  }
  ControllerBuilder<>& For(kube::Kind kind, Content content = Content::kWhole) {
    return Add<Json>(std::move(kind), content);
  }
  // Adds an index to the cache of a kind, for Turn::ListByIndex and ByIndex: `values` returns the
  // values under which an object is listed. Must be thread-safe, pure and fast.
  Operator& Index(kube::Kind kind, std::string index,
                  std::function<std::vector<std::string>(const kube::Object&)> values);

  // Adds anything that the functions above do not cover: `extend` is called for each
  // RunningOperator before it starts, and may add controllers, informers and checks to its manager.
  // What it creates must be owned by them (a runtime::Reconciler is shared), since a
  // RunningOperator may end at any time. `rules` returns the permissions that this needs, for
  // Rules(); it is called only by Rules().
  Operator& Extend(std::function<void(RunningOperator&)> extend,
                   std::function<std::vector<AccessRule>()> rules = nullptr);

  // Add flags of your own here; the operator's are already registered.
  program::Flags& flags() { return flags_; }

  // Runs until SIGINT or SIGTERM, then lets running turns finish (20 s at most) and releases its
  // Lease. Returns the exit status: 0; 1 with one line on standard error when it cannot run; 2 when
  // a flag or a controller is invalid. Call it once, in main, before any other thread starts.
  int Run(int argc, char** argv);
  int Run(const std::vector<std::string>& arguments = {});

  const OperatorOptions& options() const { return options_; }
  // The domain, or its default.
  std::string domain() const;
  std::vector<const ControllerSpec*> controllers() const;
  struct IndexSpec {
    kube::Kind kind;
    std::string name;
    std::function<std::vector<std::string>(const kube::Object&)> values;
  };
  const std::vector<IndexSpec>& indexes() const { return indexes_; }
  const std::vector<std::function<void(RunningOperator&)>>& extensions() const { return extensions_; }
  // The permissions that the operator needs, sorted: for what its controllers watch and write, for
  // the kinds of Manage, and the rules passed to Extend.
  std::vector<AccessRule> Rules() const;
  // The same as printed by --print-rules: a JSON array of {group, resource, verbs, everywhere}.
  std::string RulesText() const;
  // Checks that it can run at all. Errors: kInvalidArgument, one line that names the controller.
  Status Check() const;

 private:
  struct Entry {
    virtual ~Entry() = default;
    ControllerSpec spec;
  };
  template <class T>
  struct TypedEntry final : Entry {
    ControllerBuilder<T> builder{spec};
  };
  template <class T>
  ControllerBuilder<T>& Add(kube::Kind kind, Content content) {
    auto entry = std::make_unique<TypedEntry<T>>();
    entry->spec.name = ToLower(kind.kind);
    entry->spec.kind = std::move(kind);
    entry->spec.content = content;
    auto& builder = entry->builder;
    entries_.push_back(std::move(entry));
    return builder;
  }
  void AddFlags();

  OperatorOptions options_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<IndexSpec> indexes_;
  std::vector<std::function<void(RunningOperator&)>> extensions_;
  std::vector<std::function<std::vector<AccessRule>()>> extension_rules_;
  program::Flags flags_;
  bool show_version_ = false;
  bool print_rules_ = false;
};

}  // namespace capstan
