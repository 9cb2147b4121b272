// ControllerBuilder says what one controller of an operator watches and does. Made by
// Operator::For, filled before the operator runs, from one thread; lives as long as its Operator.
//
// The names are those of controller-runtime's builder: For, Owns, Watches, and predicates as Where
// (which objects) and When (which changes).
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/operator/turn.hpp>
#include <capstan/core/runtime/controller.hpp>
#include <capstan/core/runtime/lister.hpp>

namespace capstan {

// How much of each object is watched and cached. Metadata: its name, labels, annotations, owners
// and finalizers; no spec, no status, a fraction of the memory.
enum class Content { kWhole, kMetadata };

// Which objects of our kind a change of another object concerns; `ours` is the cache of our kind.
// Thread-safe, quick. One that throws is logged, and concerns none.
using RelatedFunction =
    std::function<std::vector<kube::ObjectKey>(const kube::Object& changed, const runtime::Lister& ours)>;
// Those that an index of our kind keeps under the changed object's "namespace/name" ("name" for
// cluster-scoped kinds).
RelatedFunction ByIndex(std::string index);

// What one controller watches and does, as plain data: what RunningOperator makes it of.
struct ControllerSpec {
  struct Watched {
    kube::Kind kind;
    Content content = Content::kWhole;
    RelatedFunction related;  // null: only read
  };
  std::string name;  // in logs, metrics and the finalizer; the kind in lower case unless Named
  kube::Kind kind;
  Content content = Content::kWhole;
  std::string selector;
  std::vector<std::function<bool(const kube::Object&)>> where;
  std::vector<runtime::Predicate> when;
  bool status_changes = false;
  std::vector<kube::Kind> owns, makes;
  std::vector<Watched> watches;
  TurnFunction reconcile, cleanup;
  int workers = 0;  // 0: OperatorOptions::workers
  Duration timeout = std::chrono::minutes(5);
};

template <class T = Json>
class ControllerBuilder final {
 public:
  explicit ControllerBuilder(ControllerSpec& spec) : spec_(spec) {}

  // Needed when one operator has two controllers for one kind.
  ControllerBuilder& Named(std::string name) { return spec_.name = std::move(name), *this; }
  // Only objects with these labels ("app=web,tier!=db", "mirror.example/source"): the server sends
  // no others. One that loses its labels while it carries our finalizer gets its Cleanup and is let
  // go.
  ControllerBuilder& Select(std::string labels) { return spec_.selector = std::move(labels), *this; }
  // Only objects that this says yes to. One that no longer does while it carries our finalizer gets
  // its Cleanup and is let go. Several must all say yes. Thread-safe, pure, quick.
  ControllerBuilder& Where(std::function<bool(const kube::Object&)> wanted) {
    return spec_.where.push_back(std::move(wanted)), *this;
  }
  // Only after changes that this says yes to, or throws at; deletions always count. Several must
  // all say yes.
  ControllerBuilder& When(runtime::Predicate predicate) {
    return spec_.when.push_back(std::move(predicate)), *this;
  }
  // Also after changes of nothing but status, which otherwise lead to no turn.
  ControllerBuilder& WhenStatusChanges() { return spec_.status_changes = true, *this; }

  // Kinds that Turn::Own makes. Their objects with our label are watched; a change of one is a turn
  // of its owner.
  ControllerBuilder& Owns(kube::Kind kind) { return spec_.owns.push_back(std::move(kind)), *this; }
  template <kube::ApiObject Child>
  ControllerBuilder& Owns() {
    return Owns(Child::Kind());
  }
  // Kinds that Turn::Make makes, the same way.
  ControllerBuilder& Makes(kube::Kind kind) { return spec_.makes.push_back(std::move(kind)), *this; }
  template <kube::ApiObject Child>
  ControllerBuilder& Makes() {
    return Makes(Child::Kind());
  }
  // Every object of another kind; a change of one is a turn of those that `related` names.
  ControllerBuilder& Watches(kube::Kind kind, RelatedFunction related, Content content = Content::kWhole) {
    return spec_.watches.push_back({std::move(kind), content, std::move(related)}), *this;
  }
  template <kube::ApiObject Other>
  ControllerBuilder& Watches(RelatedFunction related) {
    return Watches(Other::Kind(), std::move(related));
  }
  // Every object of another kind, for Turn::Find and List; its changes lead to no turn.
  ControllerBuilder& Reads(kube::Kind kind, Content content = Content::kWhole) {
    return spec_.watches.push_back({std::move(kind), content, nullptr}), *this;
  }

  // What is done for one object: Status(Turn<T>&). Called for many objects at once, never twice at
  // a time for one.
  template <std::invocable<Turn<T>&> Function>
  ControllerBuilder& Reconcile(Function function) {
    return spec_.reconcile = Typed(std::move(function)), *this;
  }
  // What is done before an object goes, or is let go: Status(Turn<T>&). Brings a finalizer, which
  // leaves when this has returned without an error and without Again.
  template <std::invocable<Turn<T>&> Function>
  ControllerBuilder& Cleanup(Function function) {
    return spec_.cleanup = Typed(std::move(function)), *this;
  }

  // How many objects are worked on at once.
  ControllerBuilder& Workers(int workers) { return spec_.workers = workers, *this; }
  // The deadline of the context that each turn gets.
  ControllerBuilder& Timeout(Duration timeout) { return spec_.timeout = timeout, *this; }

 private:
  template <class Function>
  static TurnFunction Typed(Function function) {
    return [function = std::move(function)](ObjectTurn& turn) -> Status {
      auto typed = Turn<T>::From(turn);
      if (!typed) return Annotate(typed.error(), "reading the object");
      return function(*typed);
    };
  }
  ControllerSpec& spec_;
};

}  // namespace capstan
