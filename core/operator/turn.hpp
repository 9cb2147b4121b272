// Turn is one reconcile of one object: what a reconcile function gets. It carries the object, reads
// others from the cache, writes what the object needs, and collects what is to be said in status.
//
//   Status Publish(Turn<Website>& site) {
//     CAPSTAN_RETURN_IF_ERROR(site.Own(kube::ConfigMapKind(), site.name(), Page(site->spec)));
//     site.Condition("Ready", true, "Published", "the page is served");
//     return {};
//   }
//
// controller-runtime: reconcile.Request, client.Client, CreateOrUpdate and the status writer in
// one. kube-rs: the arguments of `reconcile`.
//
// Guarantees. Own and Make are server-side applies under the operator's name as field manager; they
// are left out when the cache shows that nothing would change, and take nothing that belongs to
// others. Status is written once, after the function, by one merge patch with the resourceVersion,
// and only if it differs; the object's next turn sees that write. Errors that only a change of the
// object can mend (RetryClass::kNever; see TerminalError) become condition Ready=False and wait for
// that change; others are tried again with backoff, and become that condition
// when they last for half a minute. Either is also told as an Event.
//
// Lives during the call, on one thread. Not to be kept.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/base/json.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/kube/client.hpp>
#include <capstan/core/kube/conditions.hpp>
#include <capstan/core/kube/scheme.hpp>
#include <capstan/core/runtime/label_selector.hpp>

namespace capstan {

class TurnState;  // private to this folder

// An error that only a change of the object mends: not tried again before. `reason` is CamelCase
// and becomes the condition's.
Failure TerminalError(std::string reason, std::string message);

// What turns of every kind can do.
class ObjectTurn {
 public:
  explicit ObjectTurn(TurnState& state) : state_(&state) {}

  // ---- The object, as the cache had it when the turn began ----
  const kube::Object& object() const;
  const std::string& name() const { return object().metadata().name; }
  // Empty for cluster-scoped kinds.
  const std::string& namespace_() const { return object().metadata().namespace_; }
  kube::ObjectKey key() const { return object().key(); }
  const std::string& uid() const { return object().uid(); }
  // What stands at a JSON pointer such as "/spec/title"; `otherwise` where it is absent or of
  // another type. Value gives null then.
  std::string Text(std::string_view pointer, std::string_view otherwise = "") const;
  std::int64_t Integer(std::string_view pointer, std::int64_t otherwise = 0) const;
  bool Flag(std::string_view pointer, bool otherwise = false) const;
  Json Value(std::string_view pointer) const;

  // ---- Others ----
  // From the cache: kinds named by Owns, Makes, Watches or Reads, and our own. An Owns or Makes
  // kind shows what this operator made. Errors: kFailedPrecondition (the kind is not watched).
  Result<std::optional<kube::Object>> Find(const kube::Kind& kind, const kube::ObjectKey& key) const;
  Result<std::vector<kube::Object>> List(const kube::Kind& kind, std::string_view namespace_ = {},
                                         const runtime::LabelSelector& selector = {}) const;
  // By an index of Operator::Index; kFailedPrecondition also when there is none.
  Result<std::vector<kube::Object>> ListByIndex(const kube::Kind& kind, const std::string& index,
                                                const std::string& value) const;
  template <kube::ApiObject T>
  Result<std::optional<T>> Find(const kube::ObjectKey& key) const {
    CAPSTAN_TRY(const auto object, Find(T::Kind(), key));
    if (!object) return std::optional<T>();
    CAPSTAN_TRY(T value, T::FromJson(object->json()));
    return std::optional<T>(std::move(value));
  }
  // From the server: one request. Nothing when it is not there. For Secrets and rare looks.
  Result<std::optional<kube::Object>> Read(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- Writing ----
  // Makes an object next to this one what `body` says (metadata may hold labels and annotations;
  // name, namespace, apiVersion and kind are filled in). Owned: it goes when this one goes, and
  // what others change in it is set back. Errors: those of Client::Patch; kAlreadyExists when an
  // object of that name is not ours; kInvalidArgument when this object cannot own it (another
  // namespace: use Make). REQUIRES: Owns(kind).
  Status Own(const kube::Kind& kind, const std::string& name, Json body);
  // For owners that are cluster-scoped: anywhere.
  Status Own(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  template <kube::ApiObject T>
  Status Own(const std::string& name, const T& value) {
    CAPSTAN_TRY(Json body, Json::Parse(value.ToJson()));
    return Own(T::Kind(), name, std::move(body));
  }
  // The same for what cannot be owned, such as an object in another namespace: it stays until it is
  // removed, by a Cleanup at the latest. REQUIRES: Makes(kind).
  Status Make(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  template <kube::ApiObject T>
  Status Make(const kube::ObjectKey& key, const T& value) {
    CAPSTAN_TRY(Json body, Json::Parse(value.ToJson()));
    return Make(T::Kind(), key, std::move(body));
  }
  // What Own or Make made for this object, by the cache.
  Result<std::vector<kube::ObjectKey>> Made(const kube::Kind& kind) const;
  // Removes what Own or Make made for this object; one that is gone is success, one that is not
  // ours stays, and is success as well.
  Status Remove(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- What to say ----
  // A field of status. What is not set keeps its value; null removes the field.
  void Set(const std::string& field, Json value);
  // All fields of a status type, such as a generated WebsiteStatus.
  template <kube::JsonValue S>
  Status SetStatus(const S& status) {
    CAPSTAN_TRY(const Json fields, Json::Parse(status.ToJson()));
    for (const auto& [name, value] : fields.fields()) Set(name, value);
    return {};
  }
  // A condition of status, with observedGeneration and, when it changes, lastTransitionTime.
  void Condition(const std::string& type, bool status, const std::string& reason, const std::string& message);
  // An Event about the object: `reason` is CamelCase, `message` one sentence without secrets.
  void Tell(const std::string& reason, const std::string& message);
  void Warn(const std::string& reason, const std::string& message);
  // Another turn after this time even if nothing changes. In a Cleanup: not done yet, the finalizer
  // stays.
  void Again(Duration after);

  // ---- What it is made of ----
  // Stops when the operator does, and has the controller's timeout as its deadline: hand it to
  // whatever blocks.
  const Context& context() const;
  kube::Client& client();
  // The door to everything but Kubernetes: proxies by the environment, and what a test routes.
  http::Transport& http();
  Log& log();
  WallTime now() const;

 private:
  TurnState* state_;
};

// A turn with its object in C++: T is a type with FromJson, or Json for those who want none.
template <class T = Json>
class Turn final : public ObjectTurn {
 public:
  Turn(const ObjectTurn& turn, T value) : ObjectTurn(turn), value_(std::move(value)) {}
  // Errors: those of T::FromJson.
  static Result<Turn> From(const ObjectTurn& turn) {
    CAPSTAN_TRY(T value, Decode(turn.object().json()));
    return Turn(turn, std::move(value));
  }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }
  const Json& operator[](std::string_view field) const requires std::same_as<T, Json> {
    return value_[field];
  }

 private:
  static Result<T> Decode(std::string_view json) {
    if constexpr (std::same_as<T, Json>) {
      return Json::Parse(json);
    } else {
      return T::FromJson(json);
    }
  }
  T value_;
};

// A reconcile function without its type.
using TurnFunction = std::function<Status(ObjectTurn&)>;

}  // namespace capstan
