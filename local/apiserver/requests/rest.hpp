// Rest answers the requests on resources: get, list, watch, create, update, patch, delete,
// deletecollection, and the scale subresource. Each verb has a file (rest_*.cpp).
//
// Thread-safe: its only state is references, and the store serializes writers with a
// compare-and-swap on the revision. A watch occupies its thread until it ends. Errors are Refusals:
// the Status object and HTTP code of Kubernetes, word for word where clients branch on it. Objects
// are trees in the stored shape here; Render converts them to the version and shape that the client
// requested.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/local/apiserver/api/selector.hpp>
#include <capstan/local/apiserver/merge/apply_fields.hpp>
#include <capstan/local/apiserver/requests/access.hpp>
#include <capstan/local/apiserver/requests/exchange.hpp>
#include <capstan/local/apiserver/writing/object_writer.hpp>

namespace capstan::apiserver {

struct RestOptions {
  int depth_limit = 100;  // levels of nesting in a body; deeper ones get 400
  // How often an otherwise quiet watch that requested bookmarks gets one.
  Duration bookmark_interval = std::chrono::seconds(60);
  // How long a watch without timeoutSeconds lasts; up to twice that.
  Duration watch_timeout = std::chrono::minutes(30);
  // How soon a disconnected client is detected.
  Duration client_check_interval = std::chrono::seconds(5);
};

class Rest {
 public:
  // The references must outlive this object; with null `schemas` built-in kinds are not validated.
  Rest(Scheduler& scheduler, Random& random, ObjectStore& store, Catalog& catalog, ObjectWriter& writer,
       Tokens& tokens, const BuiltinSchemas* schemas, VersionConverter& converter, RestOptions options)
      : scheduler_(scheduler),
        random_(random),
        store_(store),
        catalog_(catalog),
        writer_(writer),
        tokens_(tokens),
        schemas_(schemas),
        converter_(converter),
        options_(options) {}

  // Answers one request; a watch has already written its events and returns an empty reply.
  // REQUIRES: exchange.resource and exchange.version are set.
  Answer<Reply> Handle(Exchange& exchange);

 private:
  struct Filter {
    LabelSelector labels;
    FieldSelector fields;
    std::optional<std::string> name;  // metadata.name must equal this
    bool everything = true;
    bool Matches(const Record& record) const;
  };
  struct ListQuestion {
    Filter filter;
    std::string prefix;  // of keys
    std::size_t limit = 0;
    std::string from;            // key to continue from
    std::uint64_t revision = 0;  // 0: the current one
  };
  struct ListPage {
    std::vector<RecordPtr> records;
    std::uint64_t revision = 0;
    bool more = false;
  };
  struct WatchQuestion {
    Filter filter;
    std::string prefix;        // of keys
    std::uint64_t after = 0;   // the revision that the client knows; 0: none
    bool state_first = false;  // send the current state before changes
    bool marks_state = false;  // send a bookmark at the end of the state
    Instant end{};
  };
  // What the next write sends to a watcher: events that arrive together are sent together, so a
  // slow client catches up with fewer writes.
  struct Outgoing {
    // The client wants the whole object in the stored version: stored lines are sent unchanged.
    bool as_stored = false;
    bool first = true;  // nothing was sent yet
    std::string text;
  };

  Answer<Reply> Get(Exchange& exchange);
  Answer<Reply> List(Exchange& exchange);
  Answer<Reply> Watch(Exchange& exchange);
  Answer<Reply> Create(Exchange& exchange);
  Answer<Reply> Update(Exchange& exchange);
  Answer<Reply> Patch(Exchange& exchange);
  Answer<Reply> Delete(Exchange& exchange);
  Answer<Reply> DeleteCollection(Exchange& exchange);
  // A POST to a subresource that performs an action: binding, eviction, token.
  Answer<Reply> Act(Exchange& exchange);
  Answer<Reply> Bind(Exchange& exchange);
  Answer<Reply> Evict(Exchange& exchange);
  Answer<Reply> IssueToken(Exchange& exchange);
  Done CheckAndDecrementBudget(const json::ObjectPtr& pod);
  Answer<Reply> GetScale(Exchange& exchange);
  Answer<Reply> WriteScale(Exchange& exchange, bool patch);
  // The Scale that a request asks for: its body, or the live one with a patch of this type (empty:
  // none) applied.
  Answer<json::ObjectPtr> ScaleSent(const Exchange& exchange, json::ObjectPtr live, const std::string& type,
                                    const WriteCall& call) const;
  Done CheckScaleFields(const json::ObjectPtr& scale, const WriteCall& call, bool patch) const;
  Reply RenderScale(const Exchange& exchange, const json::ObjectPtr& scale) const;

  Answer<Filter> ReadFilter(const Exchange& exchange) const;
  Answer<ListQuestion> ReadListQuestion(const Exchange& exchange) const;
  Answer<WatchQuestion> ReadWatchQuestion(const Exchange& exchange);
  // The object that a filter names, as a list; and a page of all matching objects.
  Answer<ListPage> ReadNamed(const Exchange& exchange, const ListQuestion& question) const;
  Answer<ListPage> ReadPage(Exchange& exchange, const ListQuestion& question) const;
  Done CheckSubresource(const Exchange& exchange) const;
  Done RefuseWhatIsNotOffered(const Exchange& exchange) const;
  // Drops fields that the schema does not name, with warnings, or 400 when the client wants that.
  Done CheckUnknown(Exchange& exchange, const WriteCall& call, const json::ObjectPtr& object) const;
  // Checks that the object of a PUT exists and is the one that was sent.
  Done CheckTarget(WriteCall call, const std::string& name, const json::ObjectPtr& sent);
  // Adds warnings for duplicate fields, or returns 400 in strict validation.
  Done CheckDuplicates(Exchange& exchange, const WriteCall& call) const;
  Answer<WriteCall> ReadWriteCall(Exchange& exchange) const;
  Answer<DeleteOptions> ReadDeleteOptions(Exchange& exchange, bool& dry_run) const;
  BodyLimits LimitsOf(const Exchange& exchange) const;
  Answer<json::ObjectPtr> ReadBody(Exchange& exchange) const;
  // `patched`: the object is the result of a patch, so messages blame the patch.
  Answer<json::ObjectPtr> CheckKind(const Exchange& exchange, json::ObjectPtr object, bool patched) const;
  Answer<json::ObjectPtr> CheckBody(const Exchange& exchange, json::ObjectPtr object, bool patched) const;
  Done CheckPatchType(const Exchange& exchange, const std::string& type) const;
  Done CheckApplyManager(const Exchange& exchange) const;
  // Applies a JSON, merge or strategic merge patch to `shown`; without a schema the latter acts as
  // a merge patch.
  Answer<json::ObjectPtr> Merged(const std::string& body, json::ObjectPtr shown, const std::string& type,
                                 const CompiledSchema* schema, const Cancellation& gone) const;
  Answer<json::ObjectPtr> Patched(const Exchange& exchange, json::ObjectPtr live,
                                  const std::string& type) const;
  Answer<json::ObjectPtr> ReadApplied(Exchange& exchange) const;
  Answer<json::ObjectPtr> CheckApplied(const Exchange& exchange, json::ObjectPtr applied) const;
  // Merges `applied` into `live`, which may be null.
  Answer<json::ObjectPtr> Applied(const Exchange& exchange, json::ObjectPtr live, json::ObjectPtr applied,
                                  const FieldWriter& writer) const;
  Answer<Reply> ApplyPatch(Exchange& exchange, WriteCall& call);
  // Encodes a single object as the client wants it; changes `object`, which is in the stored shape.
  Reply Render(const Exchange& exchange, json::ObjectPtr object, int status) const;
  Reply RenderRecord(const Exchange& exchange, const Record& record) const;
  // The record in the version of this request.
  Answer<RecordPtr> Shown(const Exchange& exchange, const RecordPtr& record) const;
  Answer<StoreEventPtr> ConvertedEvent(const Exchange& exchange, const StoreEvent& event) const;
  // Likewise for lists, which cannot start while their conversion fails: 429.
  Answer<std::vector<RecordPtr>> Shown(const Exchange& exchange, std::vector<RecordPtr> records) const;
  json::ObjectPtr PartialMetadata(const Exchange& exchange, json::ObjectPtr object) const;
  Reply ListReply(const Exchange& exchange, const std::vector<RecordPtr>& records,
                  const json::ObjectPtr& metadata) const;
  std::string ListInProtobuf(const Exchange& exchange, const std::vector<RecordPtr>& records,
                             const json::ObjectPtr& metadata) const;
  std::string RenderList(const Exchange& exchange, const std::vector<RecordPtr>& records,
                         const json::ObjectPtr& metadata) const;
  std::string WatchLine(const Exchange& exchange, EventType type, const Record& record, bool first) const;
  // One watch event in protobuf.
  std::string FrameOf(const Exchange& exchange, std::string_view event, const json::ObjectPtr& object) const;
  std::string BookmarkLine(const Exchange& exchange, std::uint64_t revision, bool initial_events_end,
                           bool first) const;
  // Errors: the event could not be converted to the version of this request.
  Done AppendEvent(const Exchange& exchange, const Filter& filter, StoreEventPtr event,
                   Outgoing& outgoing) const;
  Status Stream(Exchange& exchange, const WatchQuestion& question, std::uint64_t after, bool first);

  Scheduler& scheduler_;
  Random& random_;
  ObjectStore& store_;
  Catalog& catalog_;
  ObjectWriter& writer_;
  Tokens& tokens_;
  const BuiltinSchemas* schemas_;
  VersionConverter& converter_;
  const RestOptions options_;
};

}  // namespace capstan::apiserver
