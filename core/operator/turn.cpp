#include <capstan/core/operator/turn.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/rights.hpp>
#include <capstan/core/operator/engine/turn_state.hpp>

namespace capstan {
namespace {

Result<const runtime::Lister*> ListerOf(const ControllerParts& parts, const kube::Kind& kind) {
  const auto found = parts.listers.find(kind);
  if (found != parts.listers.end()) return &found->second;
  return Fail(Code::kFailedPrecondition,
              StrCat("controller ", parts.spec.name, " does not watch ", kind.resource(),
                     ": add Reads for it where the controller is made, or use Turn::Read"));
}

Result<Children*> ChildrenOf(const std::map<kube::Kind, std::shared_ptr<Children>>& all,
                             const kube::Kind& kind, std::string_view missing) {
  const auto found = all.find(kind);
  if (found != all.end()) return found->second.get();
  return Fail(Code::kInvalidArgument,
              StrCat("the controller does not watch what it makes of ", kind.resource(), ": add ", missing,
                     " for it where the controller is made"));
}

Result<std::vector<kube::Object>> LoadAll(const std::vector<runtime::StoredObject>& stored) {
  std::vector<kube::Object> objects;
  objects.reserve(stored.size());
  for (const runtime::StoredObject& one : stored) {
    CAPSTAN_TRY(kube::Object object, one.Load());
    objects.push_back(std::move(object));
  }
  return objects;
}

Status Put(TurnState& state, Children& children, bool owns, const kube::ObjectKey& key, Json body) {
  CAPSTAN_TRY(const std::string changed, children.Put({state.parts().spec.kind, state.object(), owns}, key,
                                                      std::move(body), state.context()));
  if (!changed.empty()) {
    state.Record(runtime::EventType::kNormal, changed,
                 StrCat(changed == "Created" ? "made " : "changed ", children.kind().kind, " ", key));
  }
  return {};
}

}  // namespace

Failure TerminalError(std::string reason, std::string message) {
  Error error = MakeError(Code::kInvalidArgument, std::move(message));
  error.reason = std::move(reason);
  return Failure(std::move(error));
}

const kube::Object& ObjectTurn::object() const { return state_->object(); }
const Context& ObjectTurn::context() const { return state_->context(); }
kube::Client& ObjectTurn::client() { return state_->parts().client; }
http::Transport& ObjectTurn::http() { return state_->parts().outside; }
Log& ObjectTurn::log() { return state_->parts().log; }
WallTime ObjectTurn::now() const { return state_->parts().scheduler.WallNow(); }

std::string ObjectTurn::Text(std::string_view pointer, std::string_view otherwise) const {
  return object().StringAt(pointer).value_or(std::string(otherwise));
}

std::int64_t ObjectTurn::Integer(std::string_view pointer, std::int64_t otherwise) const {
  return object().IntegerAt(pointer).value_or(otherwise);
}

bool ObjectTurn::Flag(std::string_view pointer, bool otherwise) const {
  return object().BooleanAt(pointer).value_or(otherwise);
}

Json ObjectTurn::Value(std::string_view pointer) const {
  return Json::Parse(object().ValueAt(pointer).value_or("null")).value_or(Json());
}

Result<std::optional<kube::Object>> ObjectTurn::Find(const kube::Kind& kind,
                                                     const kube::ObjectKey& key) const {
  CAPSTAN_TRY(const runtime::Lister* lister, ListerOf(state_->parts(), kind));
  return lister->Get(key);
}

Result<std::vector<kube::Object>> ObjectTurn::List(const kube::Kind& kind, std::string_view namespace_,
                                                   const runtime::LabelSelector& selector) const {
  CAPSTAN_TRY(const runtime::Lister* lister, ListerOf(state_->parts(), kind));
  return LoadAll(lister->List(namespace_, selector));
}

Result<std::vector<kube::Object>> ObjectTurn::ListByIndex(const kube::Kind& kind, const std::string& index,
                                                          const std::string& value) const {
  CAPSTAN_TRY(const runtime::Lister* lister, ListerOf(state_->parts(), kind));
  CAPSTAN_TRY(const auto stored, lister->ListByIndex(index, value));
  return LoadAll(stored);
}

Result<std::optional<kube::Object>> ObjectTurn::Read(const kube::Kind& kind, const kube::ObjectKey& key) {
  auto there = client().Get(kind, key, context());
  if (there) return std::optional<kube::Object>(std::move(*there));
  // A 404 without a reason means that the server does not serve the kind at all.
  if (there.error().code == Code::kNotFound && !there.error().reason.empty())
    return std::optional<kube::Object>();
  return Fail(NamingTheRule(there.error(), kind, {"get"}));
}

Status ObjectTurn::Own(const kube::Kind& kind, const std::string& name, Json body) {
  return Own(kind, {kind.namespaced ? namespace_() : "", name}, std::move(body));
}

Status ObjectTurn::Own(const kube::Kind& kind, const kube::ObjectKey& key, Json body) {
  if (!namespace_().empty() && key.namespace_ != namespace_()) {
    return TerminalError(
        "CannotOwn", StrCat(state_->parts().spec.kind.kind, " ", this->key(), " cannot own ", kind.kind, " ",
                            key, ", which is not in its namespace: make it with Make"));
  }
  CAPSTAN_TRY(Children * children, ChildrenOf(state_->parts().owned, kind, "Owns"));
  return Put(*state_, *children, true, key, std::move(body));
}

Status ObjectTurn::Make(const kube::Kind& kind, const kube::ObjectKey& key, Json body) {
  CAPSTAN_TRY(Children * children, ChildrenOf(state_->parts().made, kind, "Makes"));
  return Put(*state_, *children, false, key, std::move(body));
}

Result<std::vector<kube::ObjectKey>> ObjectTurn::Made(const kube::Kind& kind) const {
  const ControllerParts& parts = state_->parts();
  std::vector<kube::ObjectKey> keys;
  bool watched = false;
  for (const auto* all : {&parts.owned, &parts.made}) {
    const auto found = all->find(kind);
    if (found == all->end()) continue;
    watched = true;
    for (auto& key : found->second->Of({parts.spec.kind, object(), all == &parts.owned}))
      keys.push_back(std::move(key));
  }
  if (watched) return keys;
  return Fail(Code::kInvalidArgument,
              StrCat("controller ", parts.spec.name, " neither owns nor makes ", kind.resource()));
}

Status ObjectTurn::Remove(const kube::Kind& kind, const kube::ObjectKey& key) {
  const ControllerParts& parts = state_->parts();
  for (const auto* all : {&parts.owned, &parts.made}) {
    const auto found = all->find(kind);
    if (found == all->end()) continue;
    CAPSTAN_TRY(const bool removed,
                found->second->Remove({parts.spec.kind, object(), all == &parts.owned}, key, context()));
    if (removed) Tell("Removed", StrCat("removed ", kind.kind, " ", key));
    if (removed) return {};
  }
  return {};
}

void ObjectTurn::Set(const std::string& field, Json value) { state_->fields.Set(field, std::move(value)); }

void ObjectTurn::Condition(const std::string& type, bool status, const std::string& reason,
                           const std::string& message) {
  kube::Condition condition;
  condition.type = type;
  condition.status = status ? "True" : "False";
  condition.reason = reason;
  condition.message = message;
  condition.observed_generation = object().generation();
  state_->conditions.push_back(std::move(condition));
}

void ObjectTurn::Tell(const std::string& reason, const std::string& message) {
  state_->Record(runtime::EventType::kNormal, reason, message);
}

void ObjectTurn::Warn(const std::string& reason, const std::string& message) {
  state_->Record(runtime::EventType::kWarning, reason, message);
}

void ObjectTurn::Again(Duration after) { state_->again = after; }

}  // namespace capstan
