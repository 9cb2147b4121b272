#include <capstan/plugins/loader/calls/answer.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/check.hpp>

namespace capstan::loader {
namespace {

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Answers::Answers(const Image& image, const capstan_call& call, std::string_view what)
    : image_(image), call_(call), what_(what) {}

Failure Answers::Malformed(std::string_view why) const {
  return Fail(Code::kDataLoss, StrCat("the plugin ", call_.lender->plugin(), " answered ", what_, " with ",
                                      why, "; nothing of the answer is used; ", call_.lender->remedy()));
}

bool Answers::Readable(const void* data, std::size_t size) const {
  return data != nullptr && (call_.arena.Contains(data, size) || image_.Contains(data, size));
}

Result<std::string> Answers::Text(capstan_text_t text, std::string_view field, std::size_t limit) const {
  if (text.size == 0) return std::string();
  if (!Readable(text.data, text.size)) return Malformed(StrCat(field, " outside of the memory of the call"));
  if (text.size > limit) return Malformed(StrCat(field, " of ", text.size, " bytes, more than ", limit));
  std::string copy(text.data, text.size);
  if (!IsUtf8(copy)) return Malformed(StrCat(field, " that is not UTF-8"));
  return copy;
}

Result<std::string> Answers::Id(capstan_text_t text, std::string_view field) const {
  CAPSTAN_TRY(std::string id, Text(text, field, kIdLimit));
  if (id.empty()) return Malformed(StrCat("an empty ", field));
  if (HasControl(id)) return Malformed(StrCat("control characters in the ", field));
  return id;
}

Result<std::string> Answers::Words(capstan_text_t text, std::string_view field) const {
  CAPSTAN_TRY(const std::string words, Text(text, field, kTextLimit));
  return call_.lender->Clean(words, call_);
}

Result<std::string> Answers::Document(capstan_text_t text, std::string_view field) const {
  CAPSTAN_TRY(std::string document, Text(text, field, kDocumentLimit));
  if (document.empty()) return std::string("{}");
  if (!json::CheckObject(document)) return Malformed(StrCat(field, " that is no JSON object"));
  return document;
}

Result<external::Observed> Answers::Observed(const capstan_observed_t* from) const {
  CAPSTAN_TRY(const auto observed, Known(from, "an object"));
  external::Observed out;
  if (observed.phase < CAPSTAN_CREATING || observed.phase > CAPSTAN_DELETING) {
    return Malformed(StrCat("the unknown phase ", observed.phase));
  }
  out.phase = static_cast<external::Phase>(observed.phase);
  out.connectable = observed.connectable != 0;
  CAPSTAN_TRY(out.id, Id(observed.id));
  CAPSTAN_TRY(out.name, Text(observed.name, "name", kTextLimit));
  CAPSTAN_TRY(out.identity, Text(observed.identity, "identity", kTextLimit));
  CAPSTAN_TRY(out.owner, Text(observed.owner, "owner", kTextLimit));
  CAPSTAN_TRY(out.message, Words(observed.message, "message"));
  CAPSTAN_TRY(out.created_at, Text(observed.created_at, "created_at", kTextLimit));
  if (!out.created_at.empty() && !ParseRfc3339(out.created_at))
    return Malformed("a created_at that is no RFC 3339 time");
  CAPSTAN_TRY(out.status, Document(observed.status, "status"));
  CAPSTAN_TRY(out.state, Document(observed.state, "state"));
  return out;
}

Result<external::Page> Answers::Page(const capstan_page_t* from) const {
  CAPSTAN_TRY(const auto page, Known(from, "a page"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(page.items, page.count, "objects"));
  external::Page out;
  for (std::size_t i = 0; i < page.count; ++i) {
    CAPSTAN_TRY(external::Observed item, Observed(page.items[i]));
    out.items.push_back(std::move(item));
  }
  CAPSTAN_TRY(out.next, Text(page.next, "next", kTextLimit));
  if (page.has_total != 0) {
    if (page.total < 0) return Malformed("a negative total");
    out.total = page.total;
  }
  return out;
}

Result<external::Connection> Answers::Connection(const capstan_connection_t* from) const {
  CAPSTAN_TRY(const auto connection, Known(from, "a connection"));
  CAPSTAN_RETURN_IF_ERROR(CheckList(connection.entries, connection.count, "entries"));
  external::Connection out;
  for (std::size_t i = 0; i < connection.count; ++i) {
    CAPSTAN_TRY(const std::string name, Text(connection.entries[i].name, "key", kIdLimit));
    const capstan_text_t value = connection.entries[i].value;
    // Arbitrary bytes, because a Secret can contain them.
    if (value.size > kDocumentLimit || (value.size > 0 && !Readable(value.data, value.size))) {
      return Malformed("a value outside of the memory of the call");
    }
    if (name.empty()) return Malformed("an empty key");
    out.data[name] = Secret(value.size == 0 ? std::string() : std::string(value.data, value.size));
  }
  if (connection.has_expiry != 0) out.expires = WallTime(Duration(connection.expires_wall_ns));
  return out;
}

Result<external::Account> Answers::Account(const capstan_account_t* from) const {
  CAPSTAN_TRY(const auto account, Known(from, "an account"));
  external::Account out;
  CAPSTAN_TRY(out.id, Text(account.id, "account id", kIdLimit));
  CAPSTAN_TRY(out.description, Text(account.description, "account description", kTextLimit));
  return out;
}

Error Answers::Why(const capstan_error_t* from) const {
  if (from == nullptr) {
    return MakeError(Code::kInternal, StrCat("the plugin ", call_.lender->plugin(), " failed at ", what_,
                                             " and gave no reason"));
  }
  const auto known = Known(from, "an error");
  if (!known) return known.error();
  const capstan_error_t* error = &*known;
  auto message = Text(error->message, "message", kTextLimit);
  auto reason = Text(error->reason, "reason", kTextLimit);
  auto request_id = Text(error->request_id, "request id", kTextLimit);
  if (!message) return message.error();
  if (!reason) return reason.error();
  if (!request_id) return request_id.error();
  Lender& lender = *call_.lender;
  Error why;
  if (error->code >= CAPSTAN_CODE_CANCELLED && error->code <= CAPSTAN_CODE_INTERNAL) {
    why.code = static_cast<Code>(error->code);
  }
  // kCancelled makes the core stop for good; only the core's own stop may cause it.
  if (why.code == Code::kCancelled && !call_.context.stopped()) why.code = Code::kUnavailable;
  why.message = Shorten(WithoutFullStop(lender.Clean(*message, call_)), 2048);
  if (why.message.empty()) why.message = StrCat("the plugin ", call_.lender->plugin(), " failed at ", what_);
  why.reason = Shorten(lender.Clean(*reason, call_), 256);
  why.request_id = Shorten(lender.Clean(*request_id, call_), 256);
  why.sent = error->sent == CAPSTAN_NOT_SENT   ? Sent::kNo
             : error->sent == CAPSTAN_ANSWERED ? Sent::kYes
                                               : Sent::kMaybe;
  if (error->http_status >= 100 && error->http_status <= 599) why.http_status = error->http_status;
  if (error->retry_after_ns > 0) why.retry_after = std::chrono::nanoseconds(error->retry_after_ns);
  return why;
}

}  // namespace capstan::loader
