// Commits: objects are stored in the stored shape, with a compare-and-swap on the revision.
#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>
#include <capstan/local/apiserver/writing/special_kinds.hpp>

namespace capstan::apiserver {

Answer<Written> ObjectWriter::Store(const WriteCall& call, json::ObjectPtr fresh,
                                    const RecordPtr& live_record) {
  if (call.cancellation && call.cancellation->seen()) return ClientIsGone();
  Written written;
  CAPSTAN_ANSWER(json::ObjectPtr stored, ToStored(call, fresh));
  if (call.resource->custom) {
    if (!call.dry_run) MetaOf(stored)->set("resourceVersion", store_.revision_marker());
    stored = WithSortedKeys(stored);
  }
  if (call.dry_run) {
    CAPSTAN_ANSWER(written.object, FromStored(call, stored));
    return written;
  }
  Write write;
  std::string name = MetaString(fresh, "name");
  write.key = call.resource->Key(call.namespace_, name);
  write.text = StoredText(stored, *call.resource, store_.revision_marker());
  write.expected = live_record ? live_record->revision : 0;
  CAPSTAN_ANSWER(const RecordPtr record, Commit(call, name, std::move(write)));
  MetaOf(stored)->set("resourceVersion", record->meta.resource_version);
  CAPSTAN_ANSWER(written.object, FromStored(call, stored));
  return written;
}

Answer<RecordPtr> ObjectWriter::Commit(const WriteCall& call, const std::string& name, Write write) {
  auto record = store_.Commit(std::move(write));
  if (!record) {
    if (record.error().code != Code::kConflict) return InternalError(record.error());
    Refusal lost = Modified(call.resource->group, call.resource->plural, name);
    lost.value().cas_lost = true;
    return lost;
  }
  if (IsCrd(*call.resource) && crds_) crds_->Changed(name);
  if (admission_) admission_->Stored(call);
  return *record;
}

Answer<json::ObjectPtr> ObjectWriter::ToStored(const WriteCall& call, const json::ObjectPtr& object) {
  const Resource& resource = *call.resource;
  if (call.version->name == resource.storage_version) return object;
  if (!resource.conversion_webhook) {
    const Version* own = resource.custom ? resource.Find(resource.storage_version) : nullptr;
    if (!own || !own->schema) return object;
    own->schema->Prune(object);
    own->schema->ApplyDefaults(object);
    return object;
  }
  json::ObjectPtr shown = json::Clone(object);
  shown->set("apiVersion", resource.ApiVersion(call.version->name));
  const Version* version = resource.Find(resource.storage_version);
  CAPSTAN_ANSWER(const std::vector<json::ObjectPtr> stored,
                 converter_->Convert(resource, *version, {shown}, call.cancellation));
  if (version->schema) version->schema->ApplyDefaults(stored.front());
  return stored.front();
}

Answer<json::ObjectPtr> ObjectWriter::FromStored(const WriteCall& call, const json::ObjectPtr& stored) {
  const Resource& resource = *call.resource;
  if (!resource.conversion_webhook || call.version->name == resource.storage_version) return stored;
  CAPSTAN_ANSWER(const std::vector<json::ObjectPtr> shown,
                 converter_->Convert(resource, *call.version, {stored}, call.cancellation));
  return shown.front();
}

Answer<Written> ObjectWriter::Remove(const WriteCall& call, json::ObjectPtr last,
                                     const RecordPtr& live_record) {
  if (call.cancellation && call.cancellation->seen()) return ClientIsGone();
  Written written;
  written.object = last;
  written.deleted = true;
  if (call.dry_run) return written;
  Write write;
  std::string name = live_record->meta.name;
  write.key = live_record->key;
  CAPSTAN_ANSWER(json::ObjectPtr stored, ToStored(call, json::Clone(last)));
  if (call.resource->custom) stored = WithSortedKeys(stored);
  write.deleted_text = StoredText(stored, *call.resource, store_.revision_marker());
  write.expected = live_record->revision;
  CAPSTAN_ANSWER_OK(Commit(call, name, std::move(write)));
  return written;
}

}  // namespace capstan::apiserver
