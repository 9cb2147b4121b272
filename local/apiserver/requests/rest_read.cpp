// Get and list, and rendering of objects.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/yaml.hpp>
#include <capstan/local/apiserver/api/html_safe.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/protobuf/protobuf.hpp>
#include <capstan/local/apiserver/requests/list_options.hpp>
#include <capstan/local/apiserver/requests/rest.hpp>
#include <capstan/local/apiserver/table/table_writer.hpp>
#include <capstan/local/apiserver/writing/object_codec.hpp>

namespace capstan::apiserver {
namespace {

using Shape = Accepted::Shape;

constexpr int kAnyDepth = 512;

std::string EncodeContinue(std::int64_t revision, std::string_view start) {
  std::string token = Base64Encode(
      StrCat("{\"v\":\"meta.k8s.io/v1\",\"rv\":", revision, ",\"start\":", json::Quote(start), "}"));
  for (char& c : token) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (!token.empty() && token.back() == '=') token.pop_back();
  return token;
}

struct ContinueToken {
  std::int64_t revision = 0;
  std::string start;
};

Answer<ContinueToken> DecodeContinue(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  std::string decoded;
  if (!Base64Decode(text, decoded)) {
    const std::size_t at =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    return BadRequest(
        StrCat("invalid continue token: continue key is not valid: illegal base64 data at input "
               "byte ",
               at == std::string::npos ? text.size() : at));
  }
  auto object = json::ParseObject(decoded, 4);
  if (!object && !decoded.empty() && std::isalpha(static_cast<unsigned char>(decoded.front())) != 0) {
    return BadRequest(StrCat("invalid continue token: continue key is not valid: invalid character '",
                             decoded.substr(0, 1), "' looking for beginning of value"));
  }
  if (!object) {
    return BadRequest(StrCat("invalid continue token: continue key is not valid: ",
                             MalformedJson(decoded, object.error().message)));
  }
  if (json::StringIn(*object, "v").value_or("") != "meta.k8s.io/v1") {
    return BadRequest(
        "invalid continue token: continue key is not valid: server does not recognize this encoded version");
  }
  ContinueToken token;
  token.revision = json::IntegerIn(*object, "rv").value_or(0);
  token.start = json::StringIn(*object, "start").value_or("");
  if (token.revision == 0) {
    return BadRequest(
        "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version "
        "meta.k8s.io/v1)");
  }
  if (token.start.empty()) {
    return BadRequest(
        "invalid continue token: continue key is not valid: encoded start key empty (version "
        "meta.k8s.io/v1)");
  }
  if (token.start.find("..") != std::string::npos) {
    return BadRequest(StrCat("invalid continue token: continue key is not valid: ", token.start));
  }
  return token;
}

// Appends {"apiVersion":"...","kind":"...",REST} as {REST}; appends any other text unchanged.
void AppendWithoutKind(std::string_view text, std::string& body) {
  const std::size_t end = text.find(",\"metadata\":");
  if (text.compare(0, 14, "{\"apiVersion\":") == 0 && end != std::string_view::npos) {
    body += '{';
    text.remove_prefix(end + 1);
  }
  body += text;
}

double ExactSecondsOf(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Refusal TooLargeRevision(std::uint64_t asked, std::uint64_t now) {
  Refusal refusal = RefuseAbout(
      504, "Timeout", StrCat("Timeout: Too large resource version: ", asked, ", current: ", now), "", "", "");
  json::ObjectPtr cause = json::MakeObject();
  cause->set("reason", "ResourceVersionTooLarge");
  cause->set("message", "Too large resource version");
  json::ArrayPtr causes = json::MakeArray();
  causes->add(cause);
  refusal.value().details->set("causes", causes);
  refusal.value().details->set("retryAfterSeconds", std::int64_t{1});
  return refusal;
}

Refusal ListIsTooOld(const Exchange& exchange, std::string_view start) {
  ApiError error =
      Expired(
          "The provided continue parameter is too old to display a consistent list result. You can start a "
          "new list without the continue parameter, or use the continue token in this response to retrieve "
          "the remainder of the results. Continuing with the provided token results in an inconsistent list "
          "- objects that were created, modified, or deleted between the time the first chunk was returned "
          "and now may show up in the list.")
          .value();
  if (exchange.info.Query("continue").empty()) {
    error.message = "The resourceVersion for the provided list is too old.";
  } else {
    error.list_metadata = json::MakeObject();
    error.list_metadata->set("continue", EncodeContinue(-1, start));
  }
  return Refusal(std::move(error));
}

}  // namespace

Answer<std::uint64_t> ReadRevision(const std::string& text) {
  std::uint64_t revision = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), revision);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return revision;
  return Refuse(500, "",
                StrCat("resourceVersion: Invalid value: \"", text, "\": strconv.ParseUint: parsing \"", text,
                       "\": invalid syntax"));
}

Reply JsonReply(json::ObjectPtr object, int status) {
  Reply reply;
  reply.status = status;
  reply.body = json::ToText(object) + "\n";
  return reply;
}

Reply ObjectReply(const Exchange& exchange, json::ObjectPtr object, int status) {
  if (exchange.accepted.protobuf) {
    Reply reply;
    reply.status = status;
    reply.content_type = kProtobufType;
    reply.body = EncodeProtobuf(*exchange.types, object);
    if (!reply.body.empty()) return reply;
  }
  return JsonReply(object, status);
}

bool Rest::Filter::Matches(const Record& record) const {
  if (everything) return true;
  return labels.Matches(record.meta.labels) &&
         fields.Matches([&](const std::string& field) { return FieldValue(record, field); });
}

Answer<Rest::Filter> Rest::ReadFilter(const Exchange& exchange) const {
  Filter filter;
  CAPSTAN_ANSWER(filter.labels, LabelSelector::Parse(exchange.info.Query("labelSelector")));
  CAPSTAN_ANSWER(filter.fields, FieldSelector::Parse(exchange.info.Query("fieldSelector")));
  const std::vector<std::string>& known = exchange.version->selectable_fields;
  for (const std::string& field : filter.fields.fields()) {
    if (field == "metadata.name" || (field == "metadata.namespace" && exchange.resource->namespaced))
      continue;
    if (std::find(known.begin(), known.end(), field) != known.end()) continue;
    if (exchange.resource->custom || !known.empty())
      return BadRequest(StrCat("field label not supported: ", field));
    return BadRequest(StrCat(
        "\"", field, "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""));
  }
  filter.name = filter.fields.Required("metadata.name");
  if (!exchange.info.name.empty()) filter.name = exchange.info.name;
  filter.everything = filter.labels.empty() && filter.fields.empty() && !filter.name;
  return filter;
}

Answer<Rest::ListQuestion> Rest::ReadListQuestion(const Exchange& exchange) const {
  const RequestInfo& info = exchange.info;
  ListQuestion question;
  CAPSTAN_ANSWER_OK(CheckListOptions(info));
  CAPSTAN_ANSWER(question.filter, ReadFilter(exchange));
  question.prefix = exchange.resource->NamespacePrefix(exchange.resource->namespaced ? info.namespace_ : "");
  question.from = question.prefix;
  if (std::string limit = info.Query("limit"); !limit.empty()) {
    std::int64_t number = 0;
    auto read = std::from_chars(limit.data(), limit.data() + limit.size(), number);
    if (read.ec != std::errc{} || read.ptr != limit.data() + limit.size()) {
      return BadRequest(StrCat("strconv.ParseInt: parsing \"", limit, "\": invalid syntax"));
    }
    question.limit = number > 0 ? static_cast<std::size_t>(number) : 0;
  }
  std::string version = info.Query("resourceVersion"), match = info.Query("resourceVersionMatch");
  std::string token = info.Query("continue");
  std::uint64_t revision = 0;
  if (!version.empty()) {
    auto read = ReadRevision(version);
    if (!read && exchange.resource->custom)
      return BadRequest("invalid resource version: " + read.error().message);
    if (!read) return Refusal(read.error());
    revision = *read;
  }
  if (!token.empty()) {
    CAPSTAN_ANSWER(ContinueToken read, DecodeContinue(token));
    if (!version.empty() && version != "0")
      return BadRequest("specifying resource version is not allowed when using continue");
    question.from = question.prefix + read.start;
    question.revision = read.revision < 0 ? 0 : static_cast<std::uint64_t>(read.revision);
    return question;
  }
  if (std::uint64_t now = store_.revision(); revision > now) return TooLargeRevision(revision, now);
  bool exact = match == "Exact" || (match.empty() && revision != 0 && question.limit != 0);
  if (exact) question.revision = revision;
  return question;
}

Answer<Rest::ListPage> Rest::ReadNamed(const Exchange& exchange, const ListQuestion& question) const {
  ListPage page;
  page.revision = store_.revision();
  const RecordPtr one = store_.Get(question.prefix + *question.filter.name);
  if (!one) return page;
  CAPSTAN_ANSWER(page.records, Shown(exchange, std::vector<RecordPtr>{one}));
  if (!question.filter.Matches(*page.records.front())) page.records.clear();
  return page;
}

Answer<Rest::ListPage> Rest::ReadPage(Exchange& exchange, const ListQuestion& question) const {
  const std::size_t want = question.filter.everything ? question.limit : 0;
  auto listing =
      store_.List(exchange.resource->key_prefix, question.prefix, question.from, want, question.revision);
  if (!listing) return ListIsTooOld(exchange, std::string_view(question.from).substr(question.prefix.size()));
  ListPage page;
  page.revision = listing->revision;
  page.more = listing->more;
  CAPSTAN_ANSWER(listing->records, Shown(exchange, std::move(listing->records)));
  for (RecordPtr& record : listing->records) {
    if (exchange.gone.RequestedSampled()) return ClientIsGone();
    if (!question.filter.Matches(*record)) continue;
    if (question.limit != 0 && page.records.size() == question.limit) {
      page.more = true;
      break;
    }
    page.records.push_back(std::move(record));
  }
  return page;
}

Answer<Reply> Rest::List(Exchange& exchange) {
  CAPSTAN_ANSWER(const ListQuestion question, ReadListQuestion(exchange));
  const Resource& resource = *exchange.resource;
  const bool names_one = question.filter.name && (!resource.namespaced || !exchange.info.namespace_.empty());
  CAPSTAN_ANSWER(const ListPage page,
                 names_one ? ReadNamed(exchange, question) : ReadPage(exchange, question));
  json::ObjectPtr metadata = json::MakeObject();
  if (resource.custom && exchange.accepted.shape == Shape::kObject) metadata->set("continue", std::string());
  metadata->set("resourceVersion", std::to_string(page.revision));
  if (page.more && !page.records.empty()) {
    const std::string next = page.records.back()->key.substr(question.prefix.size()) + std::string(1, '\0');
    metadata->set("continue", EncodeContinue(static_cast<std::int64_t>(page.revision), next));
    if (question.filter.everything) {
      const auto rest =
          store_.Remaining(resource.key_prefix, question.prefix, question.prefix + next, page.revision);
      if (rest) metadata->set("remainingItemCount", static_cast<std::int64_t>(*rest));
    }
  }
  Reply reply = ListReply(exchange, page.records, metadata);
  if (exchange.gone.seen()) return ClientIsGone();
  return reply;
}

Reply Rest::ListReply(const Exchange& exchange, const std::vector<RecordPtr>& records,
                      const json::ObjectPtr& metadata) const {
  Reply reply;
  if (exchange.accepted.protobuf) {
    reply.body = ListInProtobuf(exchange, records, metadata);
    reply.content_type = kProtobufType;
    return reply;
  }
  reply.body = RenderList(exchange, records, metadata);
  reply.html_safe = true;
  if (exchange.accepted.yaml) {
    if (auto tree = json::ParseTree(reply.body, kAnyDepth)) reply.body = json::ToYaml(*tree);
    reply.content_type = "application/yaml";
  }
  return reply;
}

std::string Rest::ListInProtobuf(const Exchange& exchange, const std::vector<RecordPtr>& records,
                                 const json::ObjectPtr& metadata) const {
  const Resource& resource = *exchange.resource;
  const std::string version = resource.ApiVersion(exchange.version->name);
  const bool partial = exchange.accepted.shape != Shape::kObject;
  ProtobufList list(*exchange.types, partial ? nullptr : exchange.types->FindKind(version, resource.kind),
                    metadata);
  for (const RecordPtr& record : records) {
    if (exchange.gone.RequestedSampled()) break;
    auto object = json::ParseObject(
        partial ? record->text : TextInVersion(*record, resource, *exchange.version), kAnyDepth);
    if (object) list.Add(*object);
  }
  return partial ? std::move(list).Finish("meta.k8s.io/" + exchange.accepted.meta_version,
                                          "PartialObjectMetadataList")
                 : std::move(list).Finish(version, resource.list_kind);
}

std::string Rest::RenderList(const Exchange& exchange, const std::vector<RecordPtr>& records,
                             const json::ObjectPtr& metadata) const {
  const Resource& resource = *exchange.resource;
  const Shape shape = exchange.accepted.shape;
  const std::string wanted = resource.ApiVersion(exchange.version->name);
  std::string made;
  const auto text_of = [&](const Record& record) -> const std::string& {
    if (record.meta.api_version == wanted && IsAsShown(record, resource)) return record.text;
    return made = WithoutHtml(TextInVersion(record, resource, *exchange.version));
  };
  if (shape == Shape::kTable) {
    const auto include = ParseIncludeObject(exchange.info.Query("includeObject"));
    TableWriter table(*exchange.version->table, metadata, "meta.k8s.io/" + exchange.accepted.meta_version,
                      include.value_or(IncludeObject::kMetadata), ExactSecondsOf(scheduler_.WallNow()));
    for (const RecordPtr& record : records) {
      if (exchange.gone.RequestedSampled()) break;
      table.Add(text_of(*record));
    }
    return std::move(table).Finish() + "\n";
  }
  const bool partial = shape != Shape::kObject;
  const std::string kind =
      StrCat("\"kind\":", json::Quote(partial ? "PartialObjectMetadataList" : resource.list_kind));
  const std::string version = StrCat(
      "\"apiVersion\":", json::Quote(partial ? "meta.k8s.io/" + exchange.accepted.meta_version : wanted));
  const std::string meta = StrCat("\"metadata\":", json::ToText(metadata));
  // Kubernetes treats lists of custom resources as maps and writes their keys sorted.
  const bool sorted = resource.custom && !partial;
  const std::string closing = sorted ? StrCat("],", kind, ",", meta, "}\n") : "]}\n";
  std::string body = sorted ? StrCat("{", version, ",\"items\":[")
                            : StrCat("{", kind, ",", version, ",", meta, ",\"items\":[");
  std::size_t size = body.size();
  for (const RecordPtr& record : records) size += record->text.size() + 1;
  if (!partial) body.reserve(size + closing.size());
  const std::string opening =
      StrCat(R"({"kind":"PartialObjectMetadata","apiVersion":)",
             json::Quote("meta.k8s.io/" + exchange.accepted.meta_version), R"(,"metadata":)");
  bool first = true;
  for (const RecordPtr& record : records) {
    if (exchange.gone.RequestedSampled()) break;
    if (!first) body += ',';
    first = false;
    if (partial) {
      body += opening;
      body += MetadataText(record->text);
      body += '}';
    } else if (resource.custom) {
      body += text_of(*record);
    } else {
      // Kubernetes omits apiVersion and kind from the items of its own lists.
      AppendWithoutKind(text_of(*record), body);
    }
  }
  body += closing;
  return body;
}

json::ObjectPtr Rest::PartialMetadata(const Exchange& exchange, json::ObjectPtr object) const {
  json::ObjectPtr partial = json::MakeObject();
  partial->set("kind", "PartialObjectMetadata");
  partial->set("apiVersion", "meta.k8s.io/" + exchange.accepted.meta_version);
  partial->set("metadata", object->get("metadata"));
  return partial;
}

Reply Rest::Render(const Exchange& exchange, json::ObjectPtr object, int status) const {
  ToVersion(object, *exchange.resource, *exchange.version);
  json::ObjectPtr shown = object;
  if (exchange.accepted.shape == Shape::kTable) {
    json::ObjectPtr metadata = json::MakeObject();
    metadata->set("resourceVersion", MetaString(object, "resourceVersion"));
    auto include = ParseIncludeObject(exchange.info.Query("includeObject"));
    shown = exchange.version->table->Table({object}, metadata, include.value_or(IncludeObject::kMetadata),
                                           ExactSecondsOf(scheduler_.WallNow()));
    shown->set("apiVersion", "meta.k8s.io/" + exchange.accepted.meta_version);
  } else if (exchange.accepted.shape != Shape::kObject) {
    shown = PartialMetadata(exchange, object);
  }
  if (exchange.accepted.protobuf && exchange.accepted.shape != Shape::kObject) {
    Reply reply;
    reply.status = status;
    reply.content_type = kProtobufType;
    reply.body = EncodePartialMetadata(*exchange.types, shown);
    return reply;
  }
  Reply reply = ObjectReply(exchange, shown, status);
  if (exchange.accepted.yaml) {
    reply.content_type = "application/yaml";
    reply.body = json::ToYaml(shown);
  }
  return reply;
}

Reply Rest::RenderRecord(const Exchange& exchange, const Record& record) const {
  if (exchange.accepted.shape == Shape::kObject && !exchange.accepted.yaml && !exchange.accepted.protobuf) {
    Reply reply;
    reply.body = TextInVersion(record, *exchange.resource, *exchange.version) + "\n";
    return reply;
  }
  auto object = ReadRecord(record, *exchange.resource);
  return Render(exchange, object ? *object : json::MakeObject(), 200);
}

Answer<Reply> Rest::Get(Exchange& exchange) {
  if (std::string version = exchange.info.Query("resourceVersion"); !version.empty()) {
    CAPSTAN_ANSWER(const std::uint64_t asked, ReadRevision(version));
    if (std::uint64_t now = store_.revision(); asked > now) return TooLargeRevision(asked, now);
  }
  RecordPtr record = store_.Get(exchange.resource->Key(exchange.info.namespace_, exchange.info.name));
  if (!record) return NotFound(exchange.resource->group, exchange.resource->plural, exchange.info.name);
  CAPSTAN_ANSWER(record, Shown(exchange, record));
  return RenderRecord(exchange, *record);
}

Answer<RecordPtr> Rest::Shown(const Exchange& exchange, const RecordPtr& record) const {
  return Converted(record, *exchange.resource, *exchange.version, &converter_, &exchange.gone);
}

Answer<std::vector<RecordPtr>> Rest::Shown(const Exchange& exchange, std::vector<RecordPtr> records) const {
  auto shown =
      Converted(std::move(records), *exchange.resource, *exchange.version, &converter_, &exchange.gone);
  if (shown) return shown;
  const Resource& resource = *exchange.resource;
  Refusal refusal = RefuseAbout(
      429, "TooManyRequests",
      StrCat("storage is (re)initializing: failed to list ", resource.ApiVersion(exchange.version->name),
             ", Kind=", resource.kind, ": ", shown.error().message),
      "", "", "");
  refusal.value().details->set("retryAfterSeconds", std::int64_t{1});
  return refusal;
}

}  // namespace capstan::apiserver
