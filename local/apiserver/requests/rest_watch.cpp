// Watch: streams the changes of a resource, one line for each.
#include <algorithm>
#include <charconv>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/protobuf/protobuf.hpp>
#include <capstan/local/apiserver/requests/list_options.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using Shape = Accepted::Shape;
using std::chrono::seconds;

// The last bookmark is sent this long before the watch ends, so that the client resumes close to
// its last state.
constexpr Duration kLastBookmark = seconds(2);
constexpr std::size_t kMostPending = std::size_t{64} << 10;  // bytes of events in one write

const char* Word(EventType type) {
  return type == EventType::kAdded ? "ADDED" : type == EventType::kModified ? "MODIFIED" : "DELETED";
}

std::string ErrorLine(const Exchange& exchange, const ApiError& error) {
  if (exchange.accepted.protobuf)
    return ProtobufWatchFrame("ERROR", EncodeProtobuf(*exchange.types, error.ToStatus()));
  return StrCat("{\"type\":\"ERROR\",\"object\":", json::ToText(error.ToStatus()), "}\n");
}

// How a change looks to a watcher with a filter, if it is visible at all.
struct FilteredEvent {
  bool any = false;
  EventType type = EventType::kAdded;
};

std::string Encoded(const Exchange& exchange, std::string event) {
  return exchange.accepted.protobuf ? event : WithoutHtml(std::move(event));
}
Status WriteEvent(const Exchange& exchange, std::string event) {
  return exchange.writer.Write(Encoded(exchange, std::move(event)));
}

FilteredEvent FilterEvent(const StoreEvent& event, bool matches_now, bool matched_before) {
  if (event.type == EventType::kDeleted) return FilteredEvent{matched_before, EventType::kDeleted};
  if (matches_now) return FilteredEvent{true, matched_before ? EventType::kModified : EventType::kAdded};
  return FilteredEvent{matched_before, EventType::kDeleted};
}

// An object that no longer matches the selector is sent as deleted: its last matching state, with
// the revision of the change.
Record LastSeen(const StoreEvent& event) {
  Record last = *event.previous;
  const std::string before = StrCat("\"resourceVersion\":\"", last.meta.resource_version, "\"");
  last.meta.resource_version = std::to_string(event.revision);
  last.revision = event.revision;
  if (std::size_t at = last.text.find(before); at != std::string::npos) {
    last.text.replace(at, before.size(), StrCat("\"resourceVersion\":\"", event.revision, "\""));
  }
  return last;
}

}  // namespace

std::string Rest::WatchLine(const Exchange& exchange, EventType type, const Record& record,
                            bool first) const {
  const std::string head = StrCat("{\"type\":\"", Word(type), "\",\"object\":");
  const Shape shape = exchange.accepted.shape;
  if (exchange.accepted.protobuf) {
    auto object = ReadRecord(record, *exchange.resource);
    if (!object) return {};
    ToVersion(*object, *exchange.resource, *exchange.version);
    return FrameOf(exchange, Word(type), *object);
  }
  if (shape == Shape::kObject)
    return StrCat(head, TextInVersion(record, *exchange.resource, *exchange.version), "}\n");
  auto object = ReadRecord(record, *exchange.resource);
  if (!object) return {};
  ToVersion(*object, *exchange.resource, *exchange.version);
  if (shape != Shape::kTable) return StrCat(head, json::ToText(PartialMetadata(exchange, *object)), "}\n");
  json::ObjectPtr metadata = json::MakeObject();
  metadata->set("resourceVersion", record.meta.resource_version);
  auto include = ParseIncludeObject(exchange.info.Query("includeObject"));
  double now = std::chrono::duration<double>(scheduler_.WallNow().time_since_epoch()).count();
  json::ObjectPtr table = exchange.version->table->Table(
      {*object}, metadata, include.value_or(IncludeObject::kMetadata), now, first);
  table->set("apiVersion", "meta.k8s.io/" + exchange.accepted.meta_version);
  return StrCat(head, json::ToText(table), "}\n");
}

std::string Rest::FrameOf(const Exchange& exchange, std::string_view event,
                          const json::ObjectPtr& object) const {
  return ProtobufWatchFrame(event,
                            exchange.accepted.shape == Shape::kObject
                                ? EncodeProtobuf(*exchange.types, object)
                                : EncodePartialMetadata(*exchange.types, PartialMetadata(exchange, object)));
}

std::string Rest::BookmarkLine(const Exchange& exchange, std::uint64_t revision, bool initial_events_end,
                               bool first) const {
  json::ObjectPtr object = json::MakeObject(), metadata = json::MakeObject();
  object->set("kind", exchange.resource->kind);
  object->set("apiVersion", exchange.resource->ApiVersion(exchange.version->name));
  metadata->set("resourceVersion", std::to_string(revision));
  metadata->set("creationTimestamp", json::Tree());
  if (initial_events_end) {
    json::ObjectPtr annotations = json::MakeObject();
    annotations->set("k8s.io/initial-events-end", "true");
    metadata->set("annotations", annotations);
  }
  object->set("metadata", metadata);
  if (exchange.accepted.protobuf) return FrameOf(exchange, "BOOKMARK", object);
  if (exchange.accepted.shape == Shape::kTable) {
    object = exchange.version->table->Table({object}, metadata, IncludeObject::kMetadata, 0, first);
    object->set("apiVersion", "meta.k8s.io/" + exchange.accepted.meta_version);
  } else if (exchange.accepted.shape != Shape::kObject) {
    object = PartialMetadata(exchange, object);
  }
  return StrCat("{\"type\":\"BOOKMARK\",\"object\":", json::ToText(object), "}\n");
}

Answer<Rest::WatchQuestion> Rest::ReadWatchQuestion(const Exchange& exchange) {
  const RequestInfo& info = exchange.info;
  WatchQuestion question;
  CAPSTAN_ANSWER_OK(CheckListOptions(info));
  CAPSTAN_ANSWER(question.filter, ReadFilter(exchange));
  question.prefix = exchange.resource->NamespacePrefix(exchange.resource->namespaced ? info.namespace_ : "");
  const std::string version = info.Query("resourceVersion");
  if (!version.empty()) {
    CAPSTAN_ANSWER(question.after, ReadRevision(version));
  }
  Duration timeout =
      options_.watch_timeout + Duration(static_cast<Duration::rep>(
                                   random_.Fraction() * static_cast<double>(options_.watch_timeout.count())));
  if (std::string text = info.Query("timeoutSeconds"); !text.empty()) {
    std::int64_t given = 0;
    std::from_chars(text.data(), text.data() + text.size(), given);
    if (given > 0 && given < 1000000) timeout = seconds(given);
  }
  question.end = std::min(After(scheduler_.Now(), timeout), exchange.context.deadline);
  question.state_first = BeginsWithState(info);
  question.marks_state = question.state_first && info.QueryFlag("allowWatchBookmarks");
  return question;
}

Answer<Reply> Rest::Watch(Exchange& exchange) {
  CAPSTAN_ANSWER(const WatchQuestion question, ReadWatchQuestion(exchange));
  std::uint64_t after = question.after;
  std::vector<RecordPtr> state;
  if (question.state_first) {
    // A watch of a single object by name does not list the others.
    const bool one_place = !exchange.resource->namespaced || !exchange.info.namespace_.empty();
    const std::string inside =
        question.prefix + (one_place && question.filter.name ? *question.filter.name : std::string());
    auto listing = store_.List(exchange.resource->key_prefix, inside, inside, 0, 0);
    after = listing->revision;
    CAPSTAN_ANSWER(state, Shown(exchange, std::move(listing->records)));
  } else if (after == 0) {
    after = store_.revision();
  }
  http::Headers headers = CommonHeaders(
      exchange, exchange.accepted.protobuf ? StrCat(kProtobufType, ";stream=watch") : "application/json");
  Reply streamed;
  streamed.streamed = true;
  if (!exchange.writer.Begin(200, headers)) return streamed;
  bool first = true;
  for (const RecordPtr& record : state) {
    if (exchange.gone.RequestedSampled()) return streamed;
    if (question.filter.name && record->meta.name != *question.filter.name) continue;
    if (!question.filter.Matches(*record)) continue;
    if (!WriteEvent(exchange, WatchLine(exchange, EventType::kAdded, *record, first))) return streamed;
    first = false;
  }
  if (question.marks_state) {
    if (!WriteEvent(exchange, BookmarkLine(exchange, after, true, first))) return streamed;
    first = false;
  }
  (void)Stream(exchange, question, after, first);
  return streamed;
}

// The change in the version of this request.
Answer<StoreEventPtr> Rest::ConvertedEvent(const Exchange& exchange, const StoreEvent& event) const {
  std::vector<RecordPtr> states{event.object};
  if (event.previous) states.push_back(event.previous);
  CAPSTAN_ANSWER(states, Converted(std::move(states), *exchange.resource, *exchange.version, &converter_,
                                   &exchange.gone));
  auto shown = std::make_shared<StoreEvent>();
  shown->type = event.type;
  shown->revision = event.revision;
  shown->object = states.front();
  if (event.previous) shown->previous = states.back();
  return StoreEventPtr(std::move(shown));
}

Done Rest::AppendEvent(const Exchange& exchange, const Filter& filter, StoreEventPtr event,
                       Outgoing& outgoing) const {
  const Resource& resource = *exchange.resource;
  if (resource.conversion_webhook) {
    CAPSTAN_ANSWER(event, ConvertedEvent(exchange, *event));
  }
  const auto fits = [&](const RecordPtr& record) {
    return record && (!filter.name || record->meta.name == *filter.name) && filter.Matches(*record);
  };
  EventType type = event->type;
  if (!filter.everything) {
    const FilteredEvent filtered = FilterEvent(*event, fits(event->object), fits(event->previous));
    if (!filtered.any) return {};
    type = filtered.type;
  }
  if (outgoing.as_stored && type == event->type && IsAsShown(*event->object, resource)) {
    outgoing.text += event->Line();
  } else if (type == EventType::kDeleted && event->type != EventType::kDeleted) {
    outgoing.text += Encoded(exchange, WatchLine(exchange, type, LastSeen(*event), outgoing.first));
  } else {
    outgoing.text += Encoded(exchange, WatchLine(exchange, type, *event->object, outgoing.first));
  }
  outgoing.first = false;
  return {};
}

Status Rest::Stream(Exchange& exchange, const WatchQuestion& question, std::uint64_t after, bool first) {
  const Resource& resource = *exchange.resource;
  const bool bookmarks = exchange.info.QueryFlag("allowWatchBookmarks");
  auto next_bookmark = [&]() {
    Instant next = After(scheduler_.Now(), options_.bookmark_interval);
    Instant last = question.end - kLastBookmark;
    return last > scheduler_.Now() ? std::min(next, last) : next;
  };
  Instant bookmark_at = next_bookmark();
  Outgoing outgoing;
  outgoing.first = first;
  outgoing.as_stored = exchange.accepted.shape == Shape::kObject && !exchange.accepted.protobuf &&
                       resource.ApiVersion(exchange.version->name) == resource.stored_api_version;
  const auto flush = [&]() -> Status {
    if (outgoing.text.empty()) return {};
    const Status written = exchange.writer.Write(outgoing.text);
    outgoing.text.clear();
    return written;
  };
  Instant check_at = After(scheduler_.Now(), options_.client_check_interval);
  while (!exchange.context.stopped() && scheduler_.Now() < question.end) {
    const Instant until = std::min({question.end, check_at, bookmarks ? bookmark_at : kForever});
    EventBatch batch = store_.WaitForEvents(resource.key_prefix, after, until, exchange.context);
    if (batch.expired) {
      ApiError error = Expired(StrCat("too old resource version: ", after, " (", batch.oldest, ")")).value();
      return WriteEvent(exchange, ErrorLine(exchange, error));
    }
    for (const StoreEventPtr& event : batch.events) {
      after = event->revision;
      if (event->object->key.compare(0, question.prefix.size(), question.prefix) != 0) continue;
      if (auto appended = AppendEvent(exchange, question.filter, event, outgoing); !appended) {
        outgoing.text += Encoded(exchange, ErrorLine(exchange, appended.error()));
        return flush();
      }
      if (outgoing.text.size() >= kMostPending) CAPSTAN_RETURN_IF_ERROR(flush());
    }
    CAPSTAN_RETURN_IF_ERROR(flush());
    after = std::max(after, batch.revision);
    if (bookmarks && scheduler_.Now() >= bookmark_at) {
      CAPSTAN_RETURN_IF_ERROR(WriteEvent(exchange, BookmarkLine(exchange, after, false, outgoing.first)));
      outgoing.first = false;
      bookmark_at = next_bookmark();
    }
    // A write detects a disconnected client; idle watches check periodically.
    if (scheduler_.Now() >= check_at) {
      if (exchange.writer.ClientGone()) break;
      check_at = After(scheduler_.Now(), options_.client_check_interval);
    }
    // When a CRD changes or is removed, the watches of its objects end.
    if (resource.custom && catalog_.Current()->Find(resource.group, resource.plural) != exchange.resource)
      break;
  }
  return {};
}

}  // namespace capstan::apiserver
