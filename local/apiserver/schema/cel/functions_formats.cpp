// Named formats, and validate().
#include <algorithm>
#include <array>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/local/apiserver/api/names.hpp>
#include <capstan/local/apiserver/api/object_meta.hpp>
#include <capstan/local/apiserver/schema/cel/functions.hpp>
#include <capstan/local/apiserver/schema/cel/kinds.hpp>
#include <capstan/local/apiserver/schema/format.hpp>

namespace capstan::apiserver::cel {
namespace {

// The violation of a named format as text; empty when there is none.
std::string Violation(std::string_view format, std::string_view text) {
  const auto prefix = [&] {
    return text.empty() || text.back() != '-' ? std::string(text)
                                              : std::string(text.substr(0, text.size() - 1)) + "a";
  };
  if (format == "dns1123Label") return CheckLabelName(text);
  if (format == "dns1123Subdomain") return CheckSubdomainName(text);
  if (format == "dns1123LabelPrefix") return CheckLabelName(prefix());
  if (format == "dns1123SubdomainPrefix") return CheckSubdomainName(prefix());
  if (format == "dns1035Label") return CheckDns1035Label(text);
  if (format == "dns1035LabelPrefix") return CheckDns1035Label(prefix());
  if (format == "qualifiedName") return CheckQualifiedName(text);
  if (format == "labelValue") return CheckLabelValue(text);
  const std::string_view known = format == "datetime" ? "date-time" : format;
  if (HasFormat(known, text) && !(format == "uri" && !IsUrlText(text))) return "";
  return StrCat("invalid ", format);
}

constexpr std::array<std::string_view, 13> kFormats = {"dns1123Label",
                                                       "dns1123Subdomain",
                                                       "dns1035Label",
                                                       "qualifiedName",
                                                       "dns1123LabelPrefix",
                                                       "dns1123SubdomainPrefix",
                                                       "dns1035LabelPrefix",
                                                       "labelValue",
                                                       "uri",
                                                       "uuid",
                                                       "byte",
                                                       "date",
                                                       "datetime"};

template <std::size_t Index>
Result<Value> FormatOf(const Arguments&, Meter&) {
  return TextOfKind(Kind::kFormat, std::string(kFormats[Index]));
}
Result<Value> NamedFormat(const Arguments& a, Meter&) {
  if (std::find(kFormats.begin(), kFormats.end(), a[0].text) == kFormats.end()) return None();
  return Some(TextOfKind(Kind::kFormat, a[0].String()));
}
Result<Value> Validate(const Arguments& a, Meter&) {
  std::string wrong = Violation(a[0].text, a[1].text);
  return wrong.empty() ? None() : Some(List({Text(std::move(wrong))}));
}

}  // namespace

std::vector<Function> FormatFunctions() {
  return {
      {"format.named", false, "s", 'O', NamedFormat},
      {"format.dns1123Label", false, "", 'F', FormatOf<0>},
      {"format.dns1123Subdomain", false, "", 'F', FormatOf<1>},
      {"format.dns1035Label", false, "", 'F', FormatOf<2>},
      {"format.qualifiedName", false, "", 'F', FormatOf<3>},
      {"format.dns1123LabelPrefix", false, "", 'F', FormatOf<4>},
      {"format.dns1123SubdomainPrefix", false, "", 'F', FormatOf<5>},
      {"format.dns1035LabelPrefix", false, "", 'F', FormatOf<6>},
      {"format.labelValue", false, "", 'F', FormatOf<7>},
      {"format.uri", false, "", 'F', FormatOf<8>},
      {"format.uuid", false, "", 'F', FormatOf<9>},
      {"format.byte", false, "", 'F', FormatOf<10>},
      {"format.date", false, "", 'F', FormatOf<11>},
      {"format.datetime", false, "", 'F', FormatOf<12>},
      {"validate", true, "Fs", 'p', Validate},
  };
}

}  // namespace capstan::apiserver::cel
