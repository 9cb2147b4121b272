// Field ownership of create and update (managedFields). Apply tracks its own.
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/merge/apply_fields.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>
#include <capstan/local/apiserver/writing/special_kinds.hpp>

namespace capstan::apiserver {
namespace {

// The status of a CRD is written by the server itself.
void TrackStatusOfCrd(const json::ObjectPtr& live, const json::ObjectPtr& fresh, FieldWriter writer,
                      const CompiledSchema* schema) {
  writer.manager = "apiextensions-apiserver";
  writer.subresource = "status";
  json::ObjectPtr before = json::MakeObject(), after = json::MakeObject(), meta = json::MakeObject();
  json::ObjectPtr status = json::ObjectIn(live, "status");
  if (!status) {
    // These structures always exist; storedVersions comes with the definition.
    status = json::MakeObject();
    status->set("acceptedNames", json::MakeObject());
    status->set("conditions", json::MakeArray());
    if (const json::ObjectPtr made = json::ObjectIn(fresh, "status")) Carry(made, status, "storedVersions");
  }
  before->set("status", status);
  if (fresh->has("status")) after->set("status", fresh->get("status"));
  Carry(MetaOf(fresh), meta, "managedFields");
  after->set("metadata", meta);
  TrackUpdate(before, after, schema, writer);
  Carry(meta, MetaOf(fresh), "managedFields");
}

}  // namespace

void ObjectWriter::Track(const WriteCall& call, json::ObjectPtr live, json::ObjectPtr fresh) {
  // Applied fields already have an owner; the status of a CRD does not.
  const bool applied = call.manager.empty();
  if (applied && !(IsCrd(*call.resource) && call.user)) return;
  FieldWriter writer;
  writer.manager = call.manager;
  writer.api_version = call.resource->ApiVersion(call.version->name);
  writer.subresource = call.subresource;
  writer.has_status = call.version->status;
  writer.cancellation = call.cancellation;
  // Kubernetes records no time for writes through scale.
  writer.time = call.subresource == "scale" ? "" : Now();
  if (applied) return TrackStatusOfCrd(live, fresh, writer, call.version->schema);
  json::ObjectPtr before = live;
  if (IsCrd(*call.resource) && !live) {
    // Nobody owns structures that always exist, only their contents.
    before = json::MakeObject();
    json::ObjectPtr spec = json::MakeObject();
    spec->set("names", json::MakeObject());
    before->set("spec", spec);
  }
  if (!live && rules_ && call.version->type) {
    before = json::MakeObject();
    rules_->FillZeroValues(*call.version->type, before);
  }
  TrackUpdate(before, fresh, call.version->schema, writer);
  if (!IsCrd(*call.resource) || call.subresource == "status") return;
  TrackStatusOfCrd(live, fresh, writer, call.version->schema);
}

}  // namespace capstan::apiserver
