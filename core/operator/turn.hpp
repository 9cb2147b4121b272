// Turn is one reconcile of one object: the argument of a reconcile function. It holds the object,
// reads others from the cache, writes what the object needs, and collects what to report in status.
//
//   Status Publish(Turn<Website>& site) {
//     CAPSTAN_RETURN_IF_ERROR(site.Own(kube::ConfigMapKind(), site.name(), Page(site->spec)));
//     site.Condition("Ready", true, "Published", "the page is served");
//     return {};
//   }
//
// It combines controller-runtime's reconcile.Request, client.Client, CreateOrUpdate and status
// writer, or the arguments of kube-rs's `reconcile`.
//
// Guarantees. Own and Make are server-side applies with the operator's name as field manager; they
// are skipped if the cache shows that nothing would change, and never take over an object of
// another owner. Status is written once, after the function, with one merge patch that carries the
// resourceVersion, and only if it differs; the object's next turn sees that write. Terminal errors
// (RetryClass::kNever; see TerminalError) become condition Ready=False and wait for a change of the
// object; other errors are retried with backoff, and become that condition after half a minute.
// Both are also reported as Events.
//
// Used by one thread; valid only during the call.
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

// An error that only a change of the object can fix: not retried before. `reason` is CamelCase and
// becomes the reason of the condition.
Failure TerminalError(std::string reason, std::string message);

// The part of Turn that does not depend on the type of the object.
class ObjectTurn {
 public:
  explicit ObjectTurn(TurnState& state) : state_(&state) {}

  // ---- The object, as cached when the turn began ----
  const kube::Object& object() const;
  const std::string& name() const { return object().metadata().name; }
  // Empty for cluster-scoped kinds.
  const std::string& namespace_() const { return object().metadata().namespace_; }
  kube::ObjectKey key() const { return object().key(); }
  const std::string& uid() const { return object().uid(); }
  // The value at a JSON pointer such as "/spec/title"; `otherwise` (or null from Value) if it is
  // absent or of another type.
  std::string Text(std::string_view pointer, std::string_view otherwise = "") const;
  std::int64_t Integer(std::string_view pointer, std::int64_t otherwise = 0) const;
  bool Flag(std::string_view pointer, bool otherwise = false) const;
  Json Value(std::string_view pointer) const;

  // ---- Other objects ----
  // From the cache: kinds named by Owns, Makes, Watches or Reads, and our own. For an Owns or Makes
  // kind only what this operator created. Errors: kFailedPrecondition (the kind is not watched).
  Result<std::optional<kube::Object>> Find(const kube::Kind& kind, const kube::ObjectKey& key) const;
  Result<std::vector<kube::Object>> List(const kube::Kind& kind, std::string_view namespace_ = {},
                                         const runtime::LabelSelector& selector = {}) const;
  // By an index of Operator::Index. Errors: also kFailedPrecondition if there is no such index.
  Result<std::vector<kube::Object>> ListByIndex(const kube::Kind& kind, const std::string& index,
                                                const std::string& value) const;
  template <kube::ApiObject T>
  Result<std::optional<T>> Find(const kube::ObjectKey& key) const {
    CAPSTAN_TRY(const auto object, Find(T::Kind(), key));
    if (!object) return std::optional<T>();
    CAPSTAN_TRY(T value, T::FromJson(object->json()));
    return std::optional<T>(std::move(value));
  }
  // From the server, with one request; nullopt if it does not exist. For Secrets and rare reads.
  // Errors: those of Client::Get.
  Result<std::optional<kube::Object>> Read(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- Writing ----
  // Creates or updates object `name` in the namespace of this one, as `body` says (metadata may
  // contain labels and annotations; name, namespace, apiVersion and kind are filled in). This
  // object owns it: it is deleted with this one, and changes that others make to it are reverted.
  // Errors: those of Client::Patch; kAlreadyExists if an object of that name is not ours;
  // kInvalidArgument if this object cannot own it (another namespace: use Make). REQUIRES:
  // Owns(kind).
  Status Own(const kube::Kind& kind, const std::string& name, Json body);
  // For cluster-scoped owners: in any namespace.
  Status Own(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  template <kube::ApiObject T>
  Status Own(const std::string& name, const T& value) {
    CAPSTAN_TRY(Json body, Json::Parse(value.ToJson()));
    return Own(T::Kind(), name, std::move(body));
  }
  // Like Own for objects that cannot be owned, such as those in another namespace: the object stays
  // until it is removed, at the latest by a Cleanup. REQUIRES: Makes(kind).
  Status Make(const kube::Kind& kind, const kube::ObjectKey& key, Json body);
  template <kube::ApiObject T>
  Status Make(const kube::ObjectKey& key, const T& value) {
    CAPSTAN_TRY(Json body, Json::Parse(value.ToJson()));
    return Make(T::Kind(), key, std::move(body));
  }
  // Keys of the cached objects that Own or Make created for this object. Errors: kInvalidArgument
  // if the controller neither owns nor makes the kind.
  Result<std::vector<kube::ObjectKey>> Made(const kube::Kind& kind) const;
  // Deletes an object that Own or Make created for this one. Succeeds if it does not exist; an
  // object that is not ours stays, which is also success. Errors: those of Client::Get and
  // Client::Delete.
  Status Remove(const kube::Kind& kind, const kube::ObjectKey& key);

  // ---- Reporting ----
  // Sets a field of status. Fields that are not set keep their values; null removes the field.
  void Set(const std::string& field, Json value);
  // Sets all fields of a status type, such as a generated WebsiteStatus.
  template <kube::JsonValue S>
  Status SetStatus(const S& status) {
    CAPSTAN_TRY(const Json fields, Json::Parse(status.ToJson()));
    for (const auto& [name, value] : fields.fields()) Set(name, value);
    return {};
  }
  // Sets a condition of status, with observedGeneration and, if it changes, lastTransitionTime.
  void Condition(const std::string& type, bool status, const std::string& reason, const std::string& message);
  // Records an Event about the object: `reason` is CamelCase, `message` one sentence without
  // secrets.
  void Tell(const std::string& reason, const std::string& message);
  void Warn(const std::string& reason, const std::string& message);
  // Requests another turn after this delay even if nothing changes. In a Cleanup it means: not
  // finished yet, the finalizer stays.
  void Again(Duration after);

  // ---- Dependencies ----
  // Stops when the operator does, and has the controller's timeout as its deadline: pass it to
  // every blocking call.
  const Context& context() const;
  kube::Client& client();
  // For requests to everything but Kubernetes: uses the proxies of the environment, and in a test
  // the routes of the test.
  http::Transport& http();
  Log& log();
  WallTime now() const;

 private:
  TurnState* state_;
};

// A turn with its object as a C++ value: T is a type with FromJson, or Json for untyped access.
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

// A reconcile function for the untyped turn.
using TurnFunction = std::function<Status(ObjectTurn&)>;

}  // namespace capstan
