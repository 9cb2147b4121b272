#include <algorithm>
#include <capstan/core/base/text.hpp>
#include <capstan/local/digitalocean/api/api.hpp>
#include <charconv>

namespace capstan::simulated_digitalocean {
namespace {

// Refuses a parameter that is not a number in range if Behaviour says so; otherwise clamps it or
// uses `otherwise`.
Checked<std::size_t> ReadParameter(const Call& call, std::string_view name, std::size_t otherwise,
                                   std::size_t highest) {
  const auto text = call.Query(name);
  if (!text) return otherwise;
  std::size_t value = 0;
  const auto end = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool number = end.ec == std::errc() && end.ptr == text->data() + text->size();
  if (number && value >= 1 && value <= highest) return value;
  if (const int status = call.world.options.behaviour.bad_page_status)
    return Refuse(status, StrCat(name, " must be a number from 1 to ", highest));
  return number && value > highest ? highest : otherwise;
}

}  // namespace

Answer Paginate(const Call& call, std::string_view key, std::size_t total,
                const std::function<void(JsonWriter&, std::size_t)>& item) {
  CAPSTAN_UNLESS_REFUSED(const std::size_t per_page, ReadParameter(call, "per_page", 20, 200));
  CAPSTAN_UNLESS_REFUSED(const std::size_t page, ReadParameter(call, "page", 1, 1000000));
  const std::size_t last = std::max<std::size_t>(1, (total + per_page - 1) / per_page);
  const std::size_t begin = std::min(total, (page - 1) * per_page), end = std::min(total, begin + per_page);

  JsonWriter out;
  out.BeginObject().Key(key).BeginArray();
  for (std::size_t i = begin; i < end; ++i) item(out, i);
  out.EndArray();
  auto link = [&](std::string_view name, std::size_t number) {
    const auto url = http::ParseUrl(call.request.url);
    const std::string path = url ? std::string(url->path()) : "/";
    const bool repeat = call.world.options.behaviour.links_repeat_per_page && call.Query("per_page");
    out.Field(name, StrCat(call.base, path, "?page=", number, repeat ? StrCat("&per_page=", per_page) : ""));
  };
  out.Key("links").BeginObject();
  if (last > 1) {
    out.Key("pages").BeginObject();
    if (page > 1) link("first", 1);
    if (page > 1) link("prev", std::min(page - 1, last));
    if (page < last) link("next", page + 1);
    if (page < last) link("last", last);
    out.EndObject();
  }
  out.EndObject();
  out.Key("meta").BeginObject().Field("total", static_cast<std::int64_t>(total)).EndObject().EndObject();
  return Answer::Json(200, out.Take());
}

}  // namespace capstan::simulated_digitalocean
