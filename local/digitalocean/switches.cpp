#include <capstan/local/digitalocean/switches.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include <capstan/core/base/text.hpp>

namespace capstan::simulated_digitalocean {
namespace {

struct Target {
  CloudOptions& options;
  Duration& latency;
};
struct Switch {
  std::string_view name;
  std::string values, meaning;
  std::function<bool(Target&, const std::string&)> set;  // false: not a valid value
};

std::optional<double> Number(const std::string& text, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= most))
    return std::nullopt;
  return value;
}

// "500ms", "20s", "5m", "1h"; at most a day.
std::optional<Duration> Time(const std::string& text) {
  const auto unit = std::find_if(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const auto number = Number(std::string(text.begin(), unit), 86400.0 * 1000);
  const std::string name(unit, text.end());
  const double seconds = name == "ms" ? 0.001 : name == "s" ? 1 : name == "m" ? 60 : name == "h" ? 3600 : 0;
  if (!number || seconds <= 0 || *number * seconds > 86400) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*number * seconds));
}

Switch OfTime(std::string_view name, std::string meaning, std::function<Duration&(Target&)> field) {
  return {name, "a time such as 500ms, 20s or 5m", std::move(meaning),
          [field](Target& target, const std::string& text) {
            const auto time = Time(text);
            if (time) field(target) = *time;
            return time.has_value();
          }};
}
Switch OfFlag(std::string_view name, std::string meaning, bool Behaviour::*field) {
  return {name, "true or false", std::move(meaning), [field](Target& target, const std::string& text) {
            target.options.behaviour.*field = text == "true";
            return text == "true" || text == "false";
          }};
}
Switch OfNumber(std::string_view name, std::string values, std::string meaning, double most,
                std::function<void(Target&, double)> set) {
  return {name, std::move(values), std::move(meaning), [most, set](Target& target, const std::string& text) {
            const auto number = Number(text, most);
            if (number) set(target, *number);
            return number.has_value();
          }};
}
Switch OfChance(std::string_view name, std::string meaning, double Chances::*field) {
  return OfNumber(name, "a share from 0 to 1", std::move(meaning), 1,
                  [field](Target& target, double value) { target.options.chances.*field = value; });
}
Switch OfLimit(std::string_view name, std::string meaning, int RateLimitOptions::*field) {
  return OfNumber(
      name, "a number; 0: no limit", std::move(meaning), 1e9,
      [field](Target& target, double value) { target.options.rate_limit.*field = static_cast<int>(value); });
}
template <class Value>
Switch OfWords(std::string_view name, std::string meaning, Value Behaviour::*field,
               std::vector<std::pair<std::string, Value>> words) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  return {name, Join(names, ", "), std::move(meaning),
          [field, words](Target& target, const std::string& text) {
            for (const auto& [word, value] : words) {
              if (word != text) continue;
              target.options.behaviour.*field = value;
              return true;
            }
            return false;
          }};
}

const std::vector<Switch>& Switches() {
  static const std::vector<Switch> kSwitches{
      OfTime("latency", "how long each answer takes", [](Target& t) -> Duration& { return t.latency; }),
      OfLimit("per_minute", "requests that one token may send a minute; more get 429 with Retry-After",
              &RateLimitOptions::per_minute),
      OfLimit("per_hour", "requests that one token may send an hour; more get 429",
              &RateLimitOptions::per_hour),
      OfChance("fail_before", "the share of requests that get 500 and have no effect", &Chances::fail_before),
      OfChance("fail_after", "the share of requests that get 500 and take effect", &Chances::fail_after),
      OfChance("cut_after", "the share of requests that take effect and get no answer", &Chances::cut_after),
      OfTime("list_lag", "how much later the list shows a new cluster than GET does",
             [](Target& t) -> Duration& { return t.options.behaviour.list_lag; }),
      OfTime("list_keeps_deleted", "how long the list still shows a cluster that is gone",
             [](Target& t) -> Duration& { return t.options.behaviour.list_keeps_deleted; }),
      OfWords<ListOrder>("list_order", "the order of lists", &Behaviour::list_order,
                         {{"oldest_first", ListOrder::kOldestFirst},
                          {"newest_first", ListOrder::kNewestFirst},
                          {"shuffled", ListOrder::kShuffled}}),
      OfTime("provisioning", "how long the creation of a cluster takes",
             [](Target& t) -> Duration& { return t.options.durations.provisioning; }),
      OfTime("node_provisioning", "how long the creation of a node takes",
             [](Target& t) -> Duration& { return t.options.durations.node_provisioning; }),
      OfTime("node_drain", "how long draining a node takes before it is removed",
             [](Target& t) -> Duration& { return t.options.durations.node_drain; }),
      OfTime("upgrade", "how long an upgrade takes",
             [](Target& t) -> Duration& { return t.options.durations.upgrade; }),
      OfTime("deletion", "how long the deletion of a cluster takes",
             [](Target& t) -> Duration& { return t.options.durations.deletion; }),
      OfFlag("show_deleting", "whether GET shows a cluster that is being deleted; false: 404 immediately",
             &Behaviour::show_deleting),
      OfFlag("unique_names", "whether a second cluster with the same name is refused",
             &Behaviour::unique_names),
      OfWords<ForeignVpc>("foreign_vpc", "what happens to a cluster in a VPC of another region",
                          &Behaviour::foreign_vpc,
                          {{"hangs", ForeignVpc::kHangs}, {"refused", ForeignVpc::kRefused}}),
      OfWords<ZeroCount>("zero_count", "what the API answers to a pool with count 0", &Behaviour::zero_count,
                         {{"refused", ZeroCount::kRefused},
                          {"server_error", ZeroCount::kServerError},
                          {"allowed", ZeroCount::kAllowed}}),
      OfFlag("allow_zero_min_nodes", "whether min_nodes may be 0", &Behaviour::allow_zero_min_nodes),
      OfWords<int>("status_while_busy", "what the API answers to a change during creation or upgrade",
                   &Behaviour::status_while_busy, {{"accept", 0}, {"409", 409}, {"412", 412}, {"422", 422}}),
      OfFlag("empty_tags_clear", "whether tags: [] removes the user's tags", &Behaviour::empty_tags_clear),
      OfFlag("upgrades_list_next_minor", "whether /upgrades names a minor that an older patch cannot reach",
             &Behaviour::upgrades_list_next_minor),
      OfFlag("upgrade_replaces_nodes", "whether an upgrade replaces all nodes",
             &Behaviour::upgrade_replaces_nodes),
      OfNumber("droplet_limit", "a number", "how many nodes an account may have", 1e6,
               [](Target& target, double value) {
                 for (AccountOptions& account : target.options.accounts)
                   account.droplet_limit = static_cast<int>(value);
               }),
  };
  return kSwitches;
}

}  // namespace

Status ApplySwitches(std::string_view text, CloudOptions& options, Duration& latency) {
  Target target{options, latency};
  for (const std::string& part : Split(text, ',')) {
    const std::string item(Trim(part));
    if (item.empty()) continue;
    const auto equals = item.find('=');
    const std::string name = item.substr(0, equals),
                      value = equals == std::string::npos ? "" : item.substr(equals + 1);
    const auto& all = Switches();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Switch& each) { return each.name == name; });
    if (found == all.end()) {
      std::vector<std::string> names;
      for (const Switch& each : all) names.emplace_back(each.name);
      return Fail(Code::kInvalidArgument, StrCat("the simulated DigitalOcean has no switch '",
                                                 Shorten(name, 100), "'; it has ", Join(names, ", ")));
    }
    if (!found->set(target, value))
      return Fail(Code::kInvalidArgument, StrCat("'", Shorten(value, 100), "' is not a value of the switch ",
                                                 name, ", which takes ", found->values));
  }
  const Chances& chances = options.chances;
  if (chances.fail_before + chances.fail_after + chances.cut_after > 1)
    return Fail(Code::kInvalidArgument, "fail_before, fail_after and cut_after together are more than 1");
  return {};
}

std::string SwitchesHelp() {
  std::string text;
  for (const Switch& each : Switches())
    text += StrCat(each.name, "=VALUE\n    ", each.meaning, ": ", each.values, "\n");
  return text;
}

}  // namespace capstan::simulated_digitalocean
