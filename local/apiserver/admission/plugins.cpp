#include <capstan/local/apiserver/admission/plugins.hpp>

#include <algorithm>
#include <set>
#include <vector>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using json::ObjectPtr;
using json::TextIn;

constexpr std::uint32_t kAddresses = 65534;  // of 10.0.0.0/16
constexpr std::int64_t kFirstNodePort = 30000, kNodePorts = 2768;

bool Is(const WriteCall& call, std::string_view group, std::string_view plural) {
  return call.resource->group == group && call.resource->plural == plural;
}

std::vector<ObjectPtr> Parsed(const std::vector<RecordPtr>& records) {
  std::vector<ObjectPtr> objects;
  for (const RecordPtr& record : records) {
    if (auto object = json::ParseObject(record->text, kStoredDepth)) objects.push_back(*object);
  }
  return objects;
}

std::vector<RecordPtr> RecordsOf(const ObjectStore& store, std::string_view group, std::string_view plural,
                                 const std::string& namespace_) {
  const std::string prefix = ResourcePrefix(group, plural);
  const std::string inside = namespace_.empty() ? prefix : StrCat(prefix, namespace_, "/");
  auto listing = store.List(prefix, inside, inside, 0, 0);
  return listing ? std::move(listing->records) : std::vector<RecordPtr>();
}

void Tolerate(ObjectPtr spec, const char* key) {
  json::ArrayPtr list = json::ArrayIn(spec, "tolerations");
  if (!list) {
    list = json::MakeArray();
    spec->set("tolerations", list);
  }
  for (const ObjectPtr& one : json::ObjectsOf(list)) {
    const std::string effect = TextIn(one, "effect"), named = TextIn(one, "key");
    if ((named == key || named.empty()) && (effect == "NoExecute" || effect.empty())) return;
  }
  ObjectPtr toleration = json::MakeObject();
  toleration->set("key", std::string(key));
  toleration->set("operator", std::string("Exists"));
  toleration->set("effect", std::string("NoExecute"));
  toleration->set("tolerationSeconds", Poco::Int64{300});
  list->add(toleration);
}

// Adds a finalizer that controllers/garbage_collector.cpp removes once the object is unused.
void Protect(ObjectPtr object, const char* finalizer) {
  std::vector<std::string> finalizers = json::StringsIn(MetaOf(object), "finalizers");
  if (std::find(finalizers.begin(), finalizers.end(), finalizer) != finalizers.end()) return;
  finalizers.emplace_back(finalizer);
  SetStrings(MetaOf(object), "finalizers", finalizers);
}

void FillMissing(ObjectPtr into, const ObjectPtr& from) {
  if (!from) return;
  for (const auto& [name, value] : *from) {
    if (!into->has(name)) into->set(name, value);
  }
}

}  // namespace

std::string AdmissionPlugins::FreeAddress() {
  std::set<std::string> used;
  for (const RecordPtr& record : RecordsOf(store_, "", "services", "")) {
    auto address = json::StringAt(record->text, "/spec/clusterIP");
    if (address && *address) used.insert(std::string(**address));
  }
  for (std::uint32_t tries = 0; tries < kAddresses; ++tries) {
    last_address_ = last_address_ % kAddresses + 1;
    std::string address = StrCat("10.0.", last_address_ / 256, ".", last_address_ % 256);
    if (last_address_ > 1 && used.count(address) == 0) return address;
  }
  return {};
}

Done AdmissionPlugins::AssignAddress(ObjectPtr service) {
  ObjectPtr spec = SectionOf(service, "spec");
  if (TextIn(spec, "type") == "ExternalName" || !TextIn(spec, "clusterIP").empty()) return {};
  const auto wanted = json::StringsIn(spec, "clusterIPs");
  std::string address;
  if (!wanted.empty()) {
    address = wanted.front();
  } else {
    MutexLock lock(mutex_);
    address = FreeAddress();
  }
  if (address.empty()) return Refuse(500, "InternalError", "failed to allocate a serviceIP: range is full");
  spec->set("clusterIP", address);
  return {};
}

// Assigns free node ports to a Service that needs them.
Done AdmissionPlugins::AssignNodePorts(ObjectPtr service) {
  ObjectPtr spec = SectionOf(service, "spec");
  const std::string type = TextIn(spec, "type");
  const bool balanced =
      type == "LoadBalancer" && json::BooleanIn(spec, "allocateLoadBalancerNodePorts").value_or(true);
  if (type != "NodePort" && !balanced) return {};
  std::set<std::int64_t> used;
  const std::string name = MetaString(service, "name"), space = MetaString(service, "namespace");
  for (const ObjectPtr& other : Parsed(RecordsOf(store_, "", "services", ""))) {
    if (MetaString(other, "name") == name && MetaString(other, "namespace") == space) continue;
    for (const ObjectPtr& port : json::ObjectsIn(json::ObjectIn(other, "spec"), "ports"))
      used.insert(json::IntegerIn(port, "nodePort").value_or(0));
  }
  std::size_t index = 0;
  for (const ObjectPtr& port : json::ObjectsIn(spec, "ports")) {
    const std::string field = StrCat("spec.ports[", index++, "].nodePort");
    const auto wanted = json::IntegerIn(port, "nodePort").value_or(0);
    if (wanted != 0 && used.count(wanted) > 0) {
      return RefuseWith(InvalidStatus("", "Service", name,
                                      {InvalidField(field, wanted, "provided port is already allocated")}));
    }
    used.insert(wanted);
  }
  MutexLock lock(mutex_);
  for (ObjectPtr port : json::ObjectsIn(spec, "ports")) {
    if (json::IntegerIn(port, "nodePort").value_or(0) != 0) continue;
    std::int64_t free = 0;
    for (std::int64_t tries = 0; tries < kNodePorts && free == 0; ++tries) {
      last_node_port_ = (last_node_port_ + 1) % kNodePorts;
      if (used.count(kFirstNodePort + last_node_port_) == 0) free = kFirstNodePort + last_node_port_;
    }
    if (free == 0) return Refuse(500, "InternalError", "failed to allocate a nodePort: range is full");
    port->set("nodePort", free);
    used.insert(free);
  }
  return {};
}

Done AdmissionPlugins::CheckRuntimeClass(const ObjectPtr& pod) const {
  const ObjectPtr spec = json::ObjectIn(pod, "spec");
  const std::string name = TextIn(spec, "runtimeClassName");
  if (!name.empty() && !store_.Get(ResourcePrefix("node.k8s.io", "runtimeclasses") + name)) {
    return Forbidden("", "pods", MetaString(pod, "name"),
                     StrCat("pod rejected: RuntimeClass \"", name, "\" not found"));
  }
  if (name.empty() && json::ObjectIn(spec, "overhead")) {
    return Forbidden("", "pods", MetaString(pod, "name"),
                     "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }
  return {};
}

Done AdmissionPlugins::FillPod(ObjectPtr pod, const std::string& namespace_) const {
  CAPSTAN_ANSWER_OK(CheckRuntimeClass(pod));
  ObjectPtr spec = SectionOf(pod, "spec");
  const std::string name = TextIn(spec, "priorityClassName");
  const bool system = name == "system-node-critical" || name == "system-cluster-critical";
  std::int64_t priority = name == "system-node-critical" ? 2000001000 : system ? 2000000000 : 0;
  std::string policy = "PreemptLowerPriority";
  for (const ObjectPtr& one : Parsed(RecordsOf(store_, "scheduling.k8s.io", "priorityclasses", ""))) {
    const bool standard = name.empty() && json::BooleanIn(one, "globalDefault").value_or(false);
    if (MetaString(one, "name") != name && !standard) continue;
    if (standard) spec->set("priorityClassName", MetaString(one, "name"));
    priority = json::IntegerIn(one, "value").value_or(0);
    policy = json::StringIn(one, "preemptionPolicy").value_or(policy);
  }
  if (!name.empty() && !system &&
      !store_.Get(StrCat(ResourcePrefix("scheduling.k8s.io", "priorityclasses"), name))) {
    return Forbidden("", "pods", MetaString(pod, "name"),
                     StrCat("no PriorityClass with name ", name, " was found"));
  }
  if (const auto given = json::IntegerIn(spec, "priority"); given && *given != priority) {
    return Forbidden("", "pods", MetaString(pod, "name"),
                     StrCat("the integer value of priority (", *given,
                            ") must not be provided in pod spec; priority admission controller computed ",
                            priority, " from the given PriorityClass name"));
  }
  spec->set("priority", priority);
  if (!spec->has("preemptionPolicy")) spec->set("preemptionPolicy", policy);
  if (!spec->has("enableServiceLinks")) spec->set("enableServiceLinks", true);
  Tolerate(spec, "node.kubernetes.io/not-ready");
  Tolerate(spec, "node.kubernetes.io/unreachable");
  for (const ObjectPtr& range : Parsed(RecordsOf(store_, "", "limitranges", namespace_))) {
    for (const ObjectPtr& item : json::ObjectsIn(json::ObjectIn(range, "spec"), "limits")) {
      if (TextIn(item, "type") != "Container") continue;
      for (const char* list : {"containers", "initContainers"}) {
        for (ObjectPtr container : json::ObjectsIn(spec, list)) {
          ObjectPtr resources = SectionOf(container, "resources");
          if (json::ObjectIn(item, "defaultRequest"))
            FillMissing(SectionOf(resources, "requests"), json::ObjectIn(item, "defaultRequest"));
          if (json::ObjectIn(item, "default"))
            FillMissing(SectionOf(resources, "limits"), json::ObjectIn(item, "default"));
        }
      }
    }
  }
  return {};
}

void AdmissionPlugins::FillClaim(ObjectPtr claim) const {
  ObjectPtr spec = SectionOf(claim, "spec");
  if (spec->has("storageClassName")) return;
  for (const ObjectPtr& one : Parsed(RecordsOf(store_, "storage.k8s.io", "storageclasses", ""))) {
    const ObjectPtr notes = json::ObjectIn(json::ObjectIn(one, "metadata"), "annotations");
    if (TextIn(notes, "storageclass.kubernetes.io/is-default-class") == "true")
      spec->set("storageClassName", MetaString(one, "name"));
  }
}

Answer<ObjectPtr> AdmissionPlugins::Mutate(const WriteCall& call, std::string_view operation, ObjectPtr fresh,
                                           ObjectPtr live) {
  if (operation == "CREATE" && call.subresource.empty()) {
    if (Is(call, "", "pods")) CAPSTAN_ANSWER_OK(FillPod(fresh, call.namespace_));
    if (Is(call, "", "persistentvolumeclaims")) FillClaim(fresh);
    if (Is(call, "", "persistentvolumeclaims")) Protect(fresh, kClaimProtection);
    if (Is(call, "", "persistentvolumes")) Protect(fresh, kVolumeProtection);
  }
  if (operation == "UPDATE" && call.subresource.empty() && Is(call, "", "pods")) {
    ObjectPtr spec = SectionOf(fresh, "spec");
    Tolerate(spec, "node.kubernetes.io/not-ready");
    Tolerate(spec, "node.kubernetes.io/unreachable");
  }
  if (next_) {
    CAPSTAN_ANSWER(fresh, next_->Mutate(call, operation, fresh, live));
  }
  const bool named =
      json::ObjectIn(live, "spec") != nullptr && !TextIn(json::ObjectIn(live, "spec"), "clusterIP").empty();
  if (Is(call, "", "services") && call.subresource.empty() && !named) CAPSTAN_ANSWER_OK(AssignAddress(fresh));
  if (Is(call, "", "services") && call.subresource.empty()) CAPSTAN_ANSWER_OK(AssignNodePorts(fresh));
  return fresh;
}

void AdmissionPlugins::Stored(const WriteCall& call) {
  if (next_) next_->Stored(call);
  if (!call.resource->namespaced || call.dry_run) return;
  const std::vector<RecordPtr> quotas = RecordsOf(store_, "", "resourcequotas", call.namespace_);
  for (const RecordPtr& record : quotas) {
    auto quota = json::ParseObject(record->text, kStoredDepth);
    const ObjectPtr status = quota ? quotas_.StatusAfter(call, *quota) : nullptr;
    if (!status) continue;
    WriteCall count;
    count.resource = catalog_.Current()->Find("", "resourcequotas");
    count.version = &count.resource->versions.front();
    count.namespace_ = call.namespace_;
    count.subresource = "status";
    const auto change = [&](ObjectPtr live) -> Answer<ObjectPtr> {
      live->set("status", status);
      return live;
    };
    // An error means that the quota is gone: no status to update.
    (void)writer_.Update(count, record->meta.name, change, {});
  }
}

Done AdmissionPlugins::Judge(const WriteCall& call, std::string_view operation, ObjectPtr fresh,
                             ObjectPtr live) {
  if (next_) CAPSTAN_ANSWER_OK(next_->Judge(call, operation, fresh, live));
  if (operation == "CREATE" && call.subresource.empty()) CAPSTAN_ANSWER_OK(quotas_.Check(call, fresh));
  return {};
}

}  // namespace capstan::apiserver
