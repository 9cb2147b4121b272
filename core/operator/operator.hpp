// Operator is a whole operator: what it watches, what it does, and everything a process needs for
// that. Cluster access (kubeconfig or pod), cache, queue, leader election, events, health, metrics,
// logs and signals come by its name and its flags, which are those of `capstan run`.
//
//   int main(int argc, char** argv) {
//     Operator website({.name = "website"});
//     website.For<Website>().Owns(kube::ConfigMapKind()).Reconcile(Publish);
//     return website.Run(argc, argv);
//   }
//
// It is a description: nothing happens before Run, and a test runs the same one on a
// capstan::testing::Cluster. It is made of RunningOperator (running_operator.hpp), that of
// runtime::Manager, and so on down; each can be used without what stands above it.
//
// Filled from one thread, then constant.
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

// Settings; the flag of each name without options_ changes it.
struct OperatorOptions {
  // A DNS label, such as "website": the field manager of its writes, the component of its Events,
  // the label app.kubernetes.io/managed-by of what it makes, its Lease. To be kept for ever: by it
  // the operator knows its own.
  std::string name;
  std::string version = "0.0.0";  // for --version and the log
  // The prefix of its finalizer and annotations, a DNS name; empty: "<name>.operator".
  std::string domain = {};
  std::vector<std::string> namespaces = {};  // --namespaces: those to look after; empty: all
  int workers = 8;                           // --workers: objects of one kind at once
  bool leader_elect = false;  // --leader-elect: of several processes one works, chosen by a Lease
  // --operator-namespace: where the Lease is; empty: $POD_NAMESPACE, else the kubeconfig's
  // namespace.
  std::string operator_namespace = {};
  std::string health_address = {};  // --health-address: /healthz, /readyz, /metrics; empty: nowhere
  std::string kubeconfig = {};      // --kubeconfig; empty: $KUBECONFIG, ~/.kube/config, the pod
  std::string context = {};         // --context; empty: the kubeconfig's current-context
  std::string log_format = "text";  // --log-format: text or json
  std::string log_level = "info";   // --log-level: debug, info, warning or error
  std::string log_levels = {};      // --log-levels: of single modules, "controller=debug,watch=error"
};

// A rule of RBAC, as a Role has it.
struct AccessRule {
  std::string group, resource;  // "apps", "deployments"; with a subresource "websites/status"
  std::vector<std::string> verbs;
  bool everywhere = true;  // in all namespaces that are looked after; false: in the operator's own
  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

class Operator final {
 public:
  explicit Operator(OperatorOptions options);
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  // A controller for a kind. The reference is good as long as the operator.
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
  // Objects of a kind, found in the cache under what `values` says: Turn::ListByIndex, ByIndex.
  // Thread-safe, pure, quick.
  Operator& Index(kube::Kind kind, std::string index,
                  std::function<std::vector<std::string>(const kube::Object&)> values);

  // Adds what the above does not offer: called for each life before it starts, it may add
  // controllers, informers and checks to the manager. What it makes must live in them (a
  // runtime::Reconciler is shared), since a life may end at any time. `rules`: what that must be
  // allowed, for Rules(); asked only when Rules() is called.
  Operator& Extend(std::function<void(RunningOperator&)> extend,
                   std::function<std::vector<AccessRule>()> rules = nullptr);

  // Flags of your own go here; the operator's are there already.
  program::Flags& flags() { return flags_; }

  // Runs until SIGINT or SIGTERM, then lets running turns finish (20 s at most) and gives its Lease
  // back. Returns the exit status: 0, 1 with one line on standard error when it cannot work, 2 when
  // a flag or a controller is wrong. Call it in main, once, before any other thread.
  int Run(int argc, char** argv);
  int Run(const std::vector<std::string>& arguments = {});

  const OperatorOptions& options() const { return options_; }
  // "<domain>" or what stands for it.
  std::string domain() const;
  std::vector<const ControllerSpec*> controllers() const;
  struct IndexSpec {
    kube::Kind kind;
    std::string name;
    std::function<std::vector<std::string>(const kube::Object&)> values;
  };
  const std::vector<IndexSpec>& indexes() const { return indexes_; }
  const std::vector<std::function<void(RunningOperator&)>>& extensions() const { return extensions_; }
  // What the operator must be allowed, sorted: what its controllers watch and write, what the kinds
  // of Manage need, and what was said to Extend.
  std::vector<AccessRule> Rules() const;
  // The same as --print-rules prints it: a JSON array of {group, resource, verbs, everywhere}.
  std::string RulesText() const;
  // Whether it can run at all. Errors: kInvalidArgument, one line that names the controller.
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
