#include <capstan/core/runtime/testing/simulated_api.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {
namespace {

std::string CollectionOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Whether the object at `path` belongs to the collection, which covers all namespaces if it names
// none.
bool Within(const std::string& collection, const std::string& path) {
  if (CollectionOf(path) == collection) return true;
  const std::size_t slash = collection.rfind('/');
  const std::string base = collection.substr(0, slash) + "/namespaces/";
  return path.rfind(base, 0) == 0 &&
         EqualsIgnoreCase(CollectionOf(path).substr(CollectionOf(path).rfind('/')), collection.substr(slash));
}

std::string Line(const std::string& type, const std::string& object) {
  return StrCat("{\"type\":\"", type, "\",\"object\":", object, "}\n");
}

std::string BookmarkAt(std::uint64_t version, bool end_of_initial) {
  return Line(
      "BOOKMARK",
      StrCat("{\"kind\":\"Any\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"", version, "\"",
             end_of_initial ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "", "}}"));
}

}  // namespace

kube::Kind WidgetKind() { return {"made.up", "v1", "Widget", "widgets", false}; }
kube::Kind GadgetKind() { return {"made.up", "v1", "Gadget", "gadgets", true}; }

SimulatedApi::SimulatedApi(Scheduler& scheduler) : scheduler_(scheduler) {}

std::string SimulatedApi::Store(const std::string& path, const std::string& json, const std::string& type) {
  ++version_;
  std::string stored =
      *json::MergePatch(json, StrCat("{\"metadata\":{\"resourceVersion\":\"", version_, "\"}}"));
  if (type == "DELETED") {
    objects_.erase(path);
  } else {
    objects_[path] = stored;
  }
  log_.push_back({version_, type, path, stored});
  scheduler_.Notify(happened_);
  return stored;
}

std::uint64_t SimulatedApi::Apply(const kube::Kind& kind, const std::string& json) {
  const json::Metadata metadata = *json::ScanMetadata(json);
  const std::string path = kube::PathOf(kind, metadata.namespace_, metadata.name);
  MutexLock lock(mutex_);
  const auto found = objects_.find(path);
  const std::string uid =
      found == objects_.end() ? StrCat("uid-", version_ + 1) : json::ScanMetadata(found->second)->uid;
  const std::string whole =
      *json::MergePatch(json, StrCat("{\"apiVersion\":\"", kind.api_version(), "\",\"kind\":\"", kind.kind,
                                     "\",\"metadata\":{\"uid\":\"", uid, "\"}}"));
  Store(path, whole, found == objects_.end() ? "ADDED" : "MODIFIED");
  return version_;
}

void SimulatedApi::Delete(const kube::Kind& kind, const std::string& namespace_, const std::string& name) {
  const std::string path = kube::PathOf(kind, namespace_, name);
  MutexLock lock(mutex_);
  const auto found = objects_.find(path);
  if (found != objects_.end()) Store(path, std::string(found->second), "DELETED");
}

std::string SimulatedApi::Get(const kube::Kind& kind, const std::string& namespace_,
                              const std::string& name) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(kube::PathOf(kind, namespace_, name));
  return found == objects_.end() ? "" : found->second;
}

std::size_t SimulatedApi::Count(const kube::Kind& kind) const {
  MutexLock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [path, json] : objects_) count += Within(kube::PathOf(kind, ""), path);
  return count;
}

std::uint64_t SimulatedApi::version() const {
  MutexLock lock(mutex_);
  return version_;
}

void SimulatedApi::SendBookmark(const kube::Kind& kind) {
  MutexLock lock(mutex_);
  ++bookmarks_[kube::PathOf(kind, "")];
  scheduler_.Notify(happened_);
}

void SimulatedApi::Compact() {
  MutexLock lock(mutex_);
  compacted_ = version_;
  log_.clear();
}

SimulatedApi::Picture SimulatedApi::TakePicture() const {
  MutexLock lock(mutex_);
  return {objects_, version_};
}

void SimulatedApi::Restore(const Picture& picture) {
  MutexLock lock(mutex_);
  objects_ = picture.objects;
  version_ = picture.version;
  log_.clear();
  cut_ = true;
  ++watch_generation_;
  scheduler_.Notify(happened_);
}

void SimulatedApi::EndWatches(bool cut) {
  MutexLock lock(mutex_);
  cut_ = cut;
  ++watch_generation_;
  scheduler_.Notify(happened_);
}

void SimulatedApi::SetIntercept(Intercept intercept) {
  MutexLock lock(mutex_);
  intercept_ = std::move(intercept);
}

void SimulatedApi::set_streaming_lists(bool on) {
  MutexLock lock(mutex_);
  streaming_lists_ = on;
}

std::vector<std::string> SimulatedApi::requests() const {
  MutexLock lock(mutex_);
  return requests_;
}

int SimulatedApi::CountRequests(const std::string& verb) const {
  MutexLock lock(mutex_);
  int count = 0;
  for (const std::string& request : requests_) count += request.rfind(verb + " ", 0) == 0;
  return count;
}

void SimulatedApi::RespondStatus(http::ResponseWriter& writer, int code, const std::string& reason,
                                 const std::string& message, const http::Headers& headers) {
  http::Headers all = headers;
  all.Set("Content-Type", "application/json");
  (void)writer.Respond({code, all,
                        StrCat(R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":")", reason,
                               R"(","message":")", message, R"(","code":)", code, "}")});
}

void SimulatedApi::Handle(const http::Request& request, http::ResponseWriter& writer,
                          const Context& context) {
  const http::Url url = *http::ParseUrl(request.url);
  std::string path(url.path());
  const std::string query(url.query());
  const bool is_object = [&] {
    MutexLock lock(mutex_);
    return objects_.count(path) != 0;
  }();
  const bool is_status = path.size() > 7 && path.compare(path.size() - 7, 7, "/status") == 0;
  std::string verb = request.method == "POST"     ? "create"
                     : request.method == "PATCH"  ? "patch"
                     : request.method == "PUT"    ? "update"
                     : request.method == "DELETE" ? "delete"
                     : http::QueryValue(query, "watch") == "true" || http::QueryValue(query, "watch") == "1"
                         ? "watch"
                         : "list";
  const auto last = Split(path, '/').back();
  const bool collection = last == "widgets" || last == "gadgets" || last == "events" || last == "leases";
  if (verb == "list" && (is_object || !collection)) verb = "get";
  Intercept intercept;
  {
    MutexLock lock(mutex_);
    requests_.push_back(StrCat(verb, " ", path, query.empty() ? "" : "?", query));
    intercept = intercept_;
  }
  if (intercept && intercept(verb, request, writer)) return;
  if (is_status) path.resize(path.size() - 7);
  if (verb == "list") return List(path, query, writer);
  if (verb == "watch") return Watch(path, query, writer, context);
  if (verb == "create") return Create(path, request.body, writer);
  if (verb == "patch" || verb == "update") return Patch(path, request.body, writer);
  std::string found;
  {
    MutexLock lock(mutex_);
    if (objects_.count(path) != 0) found = objects_[path];
  }
  if (found.empty()) return RespondStatus(writer, 404, "NotFound", "not found");
  (void)writer.Respond({200, {{"Content-Type", "application/json"}}, found});
}

void SimulatedApi::List(const std::string& collection, std::string_view query, http::ResponseWriter& writer) {
  const std::string limit_text = http::QueryValue(query, "limit", "0");
  const std::size_t limit = limit_text.empty() ? 0 : std::stoul(limit_text);
  const std::string from = http::QueryValue(query, "continue");
  std::string items, next;
  std::uint64_t version;
  {
    MutexLock lock(mutex_);
    version = version_;
    std::size_t count = 0;
    for (auto object = objects_.upper_bound(from); object != objects_.end(); ++object) {
      if (!Within(collection, object->first)) continue;
      if (limit != 0 && count == limit) {
        next = std::prev(object)->first;
        break;
      }
      items += StrCat(count == 0 ? "" : ",", object->second);
      ++count;
    }
  }
  (void)writer.Respond({200,
                        {{"Content-Type", "application/json"}},
                        StrCat(R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":")", version,
                               R"(","continue":")", next, R"("},"items":[)", items, "]}")});
}

void SimulatedApi::Watch(const std::string& collection, std::string_view query, http::ResponseWriter& writer,
                         const Context& context) {
  const bool streaming = http::QueryValue(query, "sendInitialEvents") == "true";
  const Instant end =
      scheduler_.Now() + std::chrono::seconds(std::stoi(http::QueryValue(query, "timeoutSeconds", "300")));
  std::uint64_t from = ParseResourceVersion(http::QueryValue(query, "resourceVersion", "0"));
  std::string initial;
  std::uint64_t generation, bookmarks;
  {
    MutexLock lock(mutex_);
    if (streaming && !streaming_lists_) {
      from = 0;
    } else if (streaming) {
      for (const auto& [path, json] : objects_) {
        if (Within(collection, path)) initial += Line("ADDED", json);
      }
      from = version_;
      initial += BookmarkAt(version_, true);
    }
    generation = watch_generation_;
    bookmarks = bookmarks_[collection];
  }
  if (streaming && initial.empty()) {
    return RespondStatus(writer, 422, "Invalid",
                         "sendInitialEvents is forbidden for watch unless the feature is enabled");
  }
  if (!writer.Begin(200, {{"Content-Type", "application/json"}})) return;
  if (!initial.empty() && !writer.Write(initial)) return;
  for (;;) {
    std::string text;
    bool over = false, cut = false;
    {
      MutexLock lock(mutex_);
      if (from < compacted_) {
        text = Line(
            "ERROR",
            R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","message":"too old","code":410})");
        over = true;
      }
      for (const Happened& happened : log_) {
        if (over || happened.version <= from || !Within(collection, happened.path)) continue;
        text += Line(happened.type, happened.json);
        from = happened.version;
      }
      if (bookmarks != bookmarks_[collection]) {
        bookmarks = bookmarks_[collection];
        text += BookmarkAt(version_, false);
      }
      over = over || generation != watch_generation_ || scheduler_.Now() >= end || context.stopped();
      cut = generation != watch_generation_ && cut_;
      if (!over && text.empty()) {
        scheduler_.Wait(happened_, lock, end, context);
        continue;
      }
    }
    if (!text.empty() && !writer.Write(text)) return;
    if (cut) writer.Abort();
    if (over) return;
  }
}

void SimulatedApi::Create(const std::string& collection, const std::string& body,
                          http::ResponseWriter& writer) {
  const json::Metadata metadata = *json::ScanMetadata(body);
  std::string answer;
  {
    MutexLock lock(mutex_);
    const std::string path = collection + "/" + metadata.name;
    if (objects_.count(path) == 0) {
      answer =
          Store(path, *json::MergePatch(body, StrCat("{\"metadata\":{\"uid\":\"uid-", version_ + 1, "\"}}")),
                "ADDED");
    }
  }
  if (answer.empty()) return RespondStatus(writer, 409, "AlreadyExists", "it is there");
  (void)writer.Respond({201, {{"Content-Type", "application/json"}}, answer});
}

void SimulatedApi::Patch(const std::string& path, const std::string& body, http::ResponseWriter& writer) {
  const std::string wanted =
      json::StringAt(body, "/metadata/resourceVersion").value_or(std::nullopt).value_or("");
  std::string answer;
  bool conflict = false;
  {
    MutexLock lock(mutex_);
    const auto found = objects_.find(path);
    if (found != objects_.end()) {
      conflict = !wanted.empty() && wanted != json::ScanMetadata(found->second)->resource_version;
      const std::string patched = *json::MergePatch(found->second, body);
      if (conflict) {
        answer = "conflict";
      } else if (json::Equal(patched, found->second)) {
        answer = found->second;
      } else {
        const json::Metadata metadata = *json::ScanMetadata(patched);
        const bool last = !metadata.deletion_timestamp.empty() && metadata.finalizers.empty();
        answer = Store(path, patched, last ? "DELETED" : "MODIFIED");
      }
    }
  }
  if (answer.empty()) return RespondStatus(writer, 404, "NotFound", "not found");
  if (conflict) return RespondStatus(writer, 409, "Conflict", "the object has been modified");
  (void)writer.Respond({200, {{"Content-Type", "application/json"}}, answer});
}

}  // namespace capstan::runtime
