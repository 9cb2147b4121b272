#include <capstan/local/apiserver/merge/apply_owners.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace capstan::apiserver {
namespace {

json::ObjectPtr WriteOwner(const FieldOwner& owner) {
  json::ObjectPtr entry = json::MakeObject();
  entry->set("manager", owner.manager);
  entry->set("operation", owner.operation);
  entry->set("apiVersion", owner.api_version);
  if (!owner.time.empty()) entry->set("time", owner.time);
  entry->set("fieldsType", std::string("FieldsV1"));
  entry->set("fieldsV1", ToFieldsV1(owner.fields));
  if (!owner.subresource.empty()) entry->set("subresource", owner.subresource);
  return entry;
}

}  // namespace

bool IsWellFormed(const json::ArrayPtr& managed) {
  if (!managed) return false;
  return std::all_of(managed->begin(), managed->end(), [](const json::Tree& tree) {
    const json::ObjectPtr entry = json::AsObject(tree);
    const auto operation = json::StringIn(entry, "operation");
    return (operation == "Apply" || operation == "Update") &&
           json::StringIn(entry, "fieldsType") == "FieldsV1" && json::StringIn(entry, "apiVersion") &&
           json::ObjectIn(entry, "fieldsV1");
  });
}

std::vector<FieldOwner> ReadOwners(const json::ArrayPtr& managed) {
  std::vector<FieldOwner> owners;
  for (unsigned int i = 0; managed && i < managed->size(); ++i) {
    const json::ObjectPtr entry = json::AsObject(managed->get(i));
    const auto text = [&entry](const char* key) { return json::StringIn(entry, key).value_or(""); };
    owners.push_back({text("manager"), text("operation"), text("apiVersion"), text("subresource"),
                      text("time"), FromFieldsV1(json::ObjectIn(entry, "fieldsV1"))});
  }
  return owners;
}

json::ArrayPtr WriteOwners(std::vector<FieldOwner> owners) {
  std::stable_sort(owners.begin(), owners.end(), [](const FieldOwner& a, const FieldOwner& b) {
    return std::tie(a.operation, a.time, a.manager, a.api_version, a.subresource) <
           std::tie(b.operation, b.time, b.manager, b.api_version, b.subresource);
  });
  json::ArrayPtr managed = json::MakeArray();
  for (const auto& owner : owners) {
    if (!owner.fields.Empty()) managed->add(WriteOwner(owner));
  }
  return managed;
}

}  // namespace capstan::apiserver
