// ControllerBuilder configures one controller of an operator: what it watches and what it does.
// Created by Operator::For; configure it from one thread before the operator runs. Owned by its
// Operator.
//
// The names follow controller-runtime's builder: For, Owns, Watches, and predicates as Where (which
// objects) and When (which changes).
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

// How much of each object is watched and cached. kMetadata: only name, labels, annotations, owner
// references and finalizers; no spec, no status, a fraction of the memory.
enum class Content { kWhole, kMetadata };

// Maps a change of another object to the objects of our kind to reconcile; `ours` is the cache of
// our kind. Must be thread-safe and fast. If it throws, that is logged and no object is reconciled.
using RelatedFunction =
    std::function<std::vector<kube::ObjectKey>(const kube::Object& changed, const runtime::Lister& ours)>;
// The objects of our kind that an index lists under the changed object's "namespace/name" ("name"
// for cluster-scoped kinds).
RelatedFunction ByIndex(std::string index);

// The configuration of one controller as plain data, from which RunningOperator builds it.
struct ControllerSpec {
  struct Watched {
    kube::Kind kind;
    Content content = Content::kWhole;
    RelatedFunction related;  // null: changes lead to no reconcile
  };
  // Shown in logs and metrics, and part of the finalizer; the kind in lower case unless Named.
  std::string name;
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

  // Required if one operator has two controllers for the same kind.
  ControllerBuilder& Named(std::string name) { return spec_.name = std::move(name), *this; }
  // Only objects with these labels ("app=web,tier!=db", "mirror.example/source"): the server sends
  // no others. An object that loses its labels while it carries our finalizer gets its Cleanup and
  // is released.
  ControllerBuilder& Select(std::string labels) { return spec_.selector = std::move(labels), *this; }
  // Only objects for which `wanted` returns true. An object for which it no longer does while it
  // carries our finalizer gets its Cleanup and is released. With several, all must return true.
  // Must be thread-safe, pure and fast.
  ControllerBuilder& Where(std::function<bool(const kube::Object&)> wanted) {
    return spec_.where.push_back(std::move(wanted)), *this;
  }
  // Only changes for which the predicate returns true or throws; deletions always pass. With
  // several, all must.
  ControllerBuilder& When(runtime::Predicate predicate) {
    return spec_.when.push_back(std::move(predicate)), *this;
  }
  // Also changes of nothing but status, which by default do not lead to a reconcile.
  ControllerBuilder& WhenStatusChanges() { return spec_.status_changes = true, *this; }

  // Kinds that Turn::Own creates. Their objects with our label are watched; a change of one
  // reconciles its owner.
  ControllerBuilder& Owns(kube::Kind kind) { return spec_.owns.push_back(std::move(kind)), *this; }
  template <kube::ApiObject Child>
  ControllerBuilder& Owns() {
    return Owns(Child::Kind());
  }
  // Kinds that Turn::Make creates, likewise.
  ControllerBuilder& Makes(kube::Kind kind) { return spec_.makes.push_back(std::move(kind)), *this; }
  template <kube::ApiObject Child>
  ControllerBuilder& Makes() {
    return Makes(Child::Kind());
  }
  // Watches every object of another kind; a change of one reconciles the objects that `related`
  // returns.
  ControllerBuilder& Watches(kube::Kind kind, RelatedFunction related, Content content = Content::kWhole) {
    return spec_.watches.push_back({std::move(kind), content, std::move(related)}), *this;
  }
  template <kube::ApiObject Other>
  ControllerBuilder& Watches(RelatedFunction related) {
    return Watches(Other::Kind(), std::move(related));
  }
  // Caches every object of another kind for Turn::Find and List; its changes lead to no reconcile.
  ControllerBuilder& Reads(kube::Kind kind, Content content = Content::kWhole) {
    return spec_.watches.push_back({std::move(kind), content, nullptr}), *this;
  }

  // The reconcile function, Status(Turn<T>&). Called concurrently for many objects, never twice at
  // once for one.
  template <std::invocable<Turn<T>&> Function>
  ControllerBuilder& Reconcile(Function function) {
    return spec_.reconcile = Typed(std::move(function)), *this;
  }
  // Runs before an object is deleted or released: Status(Turn<T>&). Adds a finalizer, which is
  // removed when this has returned without an error and without Again.
  template <std::invocable<Turn<T>&> Function>
  ControllerBuilder& Cleanup(Function function) {
    return spec_.cleanup = Typed(std::move(function)), *this;
  }

  // Number of objects reconciled concurrently.
  ControllerBuilder& Workers(int workers) { return spec_.workers = workers, *this; }
  // Deadline of the context of each turn.
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
