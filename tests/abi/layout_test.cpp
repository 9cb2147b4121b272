// Compares the layout of plugin.h with layout.golden: sizes, offsets and values that plugins
// compiled years ago rely on. A line of the golden file must never change or disappear; only
// `struct` lines can grow. Add new entries to the file.
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <string>

#include <capstan/plugin.h>
#include <capstan/core/base/files.hpp>
#include <capstan/core/base/text.hpp>

namespace capstan::abi {
namespace {

// "kind name" to its value: a size, an offset and size, or a number.
using Layout = std::map<std::string, std::string>;

#define STRUCT(type) layout["struct " #type] = StrCat(sizeof(type))
#define FROZEN(type) layout["frozen " #type] = StrCat(sizeof(type))
#define FIELD(type, field)            \
  layout["field " #type "." #field] = \
      StrCat(offsetof(type, field), "+", sizeof(static_cast<type*>(nullptr)->field))
#define VALUE(name) layout["value " #name] = StrCat(static_cast<long long>(name))

void AddValues(Layout& layout) {
  VALUE(CAPSTAN_ABI_MAJOR), VALUE(CAPSTAN_NOTE_TYPE);
  VALUE(CAPSTAN_DONE), VALUE(CAPSTAN_WAIT), VALUE(CAPSTAN_REJECTED), VALUE(CAPSTAN_UNKNOWN),
      VALUE(CAPSTAN_NOT_FOUND);
  VALUE(CAPSTAN_CODE_CANCELLED), VALUE(CAPSTAN_CODE_INVALID_ARGUMENT), VALUE(CAPSTAN_CODE_NOT_FOUND);
  VALUE(CAPSTAN_CODE_ALREADY_EXISTS), VALUE(CAPSTAN_CODE_CONFLICT), VALUE(CAPSTAN_CODE_GONE);
  VALUE(CAPSTAN_CODE_UNAUTHENTICATED), VALUE(CAPSTAN_CODE_PERMISSION_DENIED),
      VALUE(CAPSTAN_CODE_RESOURCE_EXHAUSTED);
  VALUE(CAPSTAN_CODE_TOO_LARGE), VALUE(CAPSTAN_CODE_UNSUPPORTED_MEDIA), VALUE(CAPSTAN_CODE_UNIMPLEMENTED);
  VALUE(CAPSTAN_CODE_FAILED_PRECONDITION), VALUE(CAPSTAN_CODE_DEADLINE_EXCEEDED),
      VALUE(CAPSTAN_CODE_UNAVAILABLE);
  VALUE(CAPSTAN_CODE_DATA_LOSS), VALUE(CAPSTAN_CODE_INTERNAL);
  VALUE(CAPSTAN_NOT_SENT), VALUE(CAPSTAN_MAY_BE_SENT), VALUE(CAPSTAN_ANSWERED);
  VALUE(CAPSTAN_CREATING), VALUE(CAPSTAN_READY), VALUE(CAPSTAN_UPDATING), VALUE(CAPSTAN_DEGRADED);
  VALUE(CAPSTAN_FAILED), VALUE(CAPSTAN_DELETING);
  VALUE(CAPSTAN_DEBUG), VALUE(CAPSTAN_INFO), VALUE(CAPSTAN_WARNING), VALUE(CAPSTAN_LOG_ERROR);
}

void AddStructs(Layout& layout) {
  FROZEN(capstan_text_t), FIELD(capstan_text_t, data), FIELD(capstan_text_t, size);
  FROZEN(capstan_entry_t), FIELD(capstan_entry_t, name), FIELD(capstan_entry_t, value);
  STRUCT(capstan_error_t);
  FIELD(capstan_error_t, struct_size);
  FIELD(capstan_error_t, code);
  FIELD(capstan_error_t, sent);
  FIELD(capstan_error_t, http_status);
  FIELD(capstan_error_t, message);
  FIELD(capstan_error_t, reason);
  FIELD(capstan_error_t, request_id);
  FIELD(capstan_error_t, retry_after_ns);
  STRUCT(capstan_trace_t);
  FIELD(capstan_trace_t, struct_size);
  FIELD(capstan_trace_t, reserved);
  FIELD(capstan_trace_t, trace_parent);
  STRUCT(capstan_identity_t);
  FIELD(capstan_identity_t, struct_size);
  FIELD(capstan_identity_t, reserved);
  FIELD(capstan_identity_t, tag);
  FIELD(capstan_identity_t, owner);
  FIELD(capstan_identity_t, parent);
  FIELD(capstan_identity_t, target);
  STRUCT(capstan_observed_t);
  FIELD(capstan_observed_t, struct_size);
  FIELD(capstan_observed_t, phase);
  FIELD(capstan_observed_t, connectable);
  FIELD(capstan_observed_t, reserved);
  FIELD(capstan_observed_t, id);
  FIELD(capstan_observed_t, name);
  FIELD(capstan_observed_t, identity);
  FIELD(capstan_observed_t, owner);
  FIELD(capstan_observed_t, message);
  FIELD(capstan_observed_t, created_at);
  FIELD(capstan_observed_t, status);
  FIELD(capstan_observed_t, state);
  STRUCT(capstan_page_t);
  FIELD(capstan_page_t, struct_size);
  FIELD(capstan_page_t, has_total);
  FIELD(capstan_page_t, items);
  FIELD(capstan_page_t, count);
  FIELD(capstan_page_t, next);
  FIELD(capstan_page_t, total);
  STRUCT(capstan_step_t);
  FIELD(capstan_step_t, struct_size);
  FIELD(capstan_step_t, makes);
  FIELD(capstan_step_t, destroys);
  FIELD(capstan_step_t, waits);
  FIELD(capstan_step_t, monthly_cost_change);
  FIELD(capstan_step_t, verb);
  FIELD(capstan_step_t, target);
  FIELD(capstan_step_t, why);
  FIELD(capstan_step_t, arguments);
  FIELD(capstan_step_t, consumes);
  STRUCT(capstan_unsupported_t);
  FIELD(capstan_unsupported_t, struct_size);
  FIELD(capstan_unsupported_t, reserved);
  FIELD(capstan_unsupported_t, field);
  FIELD(capstan_unsupported_t, why);
  STRUCT(capstan_plan_t);
  FIELD(capstan_plan_t, struct_size);
  FIELD(capstan_plan_t, reserved);
  FIELD(capstan_plan_t, steps);
  FIELD(capstan_plan_t, step_count);
  FIELD(capstan_plan_t, unsupported);
  FIELD(capstan_plan_t, unsupported_count);
  FIELD(capstan_plan_t, differences);
  FIELD(capstan_plan_t, difference_count);
  FIELD(capstan_plan_t, waiting);
  FIELD(capstan_plan_t, spent);
  FIELD(capstan_plan_t, spent_count);
  STRUCT(capstan_difference_t);
  FIELD(capstan_difference_t, struct_size);
  FIELD(capstan_difference_t, reserved);
  FIELD(capstan_difference_t, field);
  FIELD(capstan_difference_t, wanted);
  FIELD(capstan_difference_t, seen);
  STRUCT(capstan_associated_t);
  FIELD(capstan_associated_t, struct_size);
  FIELD(capstan_associated_t, reserved);
  FIELD(capstan_associated_t, kind);
  FIELD(capstan_associated_t, id);
  FIELD(capstan_associated_t, name);
  FIELD(capstan_associated_t, monthly_cost);
  STRUCT(capstan_associated_list_t);
  FIELD(capstan_associated_list_t, struct_size);
  FIELD(capstan_associated_list_t, reserved);
  FIELD(capstan_associated_list_t, items);
  FIELD(capstan_associated_list_t, count);
  STRUCT(capstan_remove_options_t);
  FIELD(capstan_remove_options_t, struct_size);
  FIELD(capstan_remove_options_t, reserved);
  FIELD(capstan_remove_options_t, associated);
  FIELD(capstan_remove_options_t, associated_count);
  STRUCT(capstan_notice_t);
  FIELD(capstan_notice_t, struct_size);
  FIELD(capstan_notice_t, reserved);
  FIELD(capstan_notice_t, at);
  FIELD(capstan_notice_t, text);
  STRUCT(capstan_notice_list_t);
  FIELD(capstan_notice_list_t, struct_size);
  FIELD(capstan_notice_list_t, reserved);
  FIELD(capstan_notice_list_t, items);
  FIELD(capstan_notice_list_t, count);
  STRUCT(capstan_offer_t);
  FIELD(capstan_offer_t, struct_size);
  FIELD(capstan_offer_t, unavailable);
  FIELD(capstan_offer_t, value);
  FIELD(capstan_offer_t, name);
  FIELD(capstan_offer_t, details);
  STRUCT(capstan_offer_list_t);
  FIELD(capstan_offer_list_t, struct_size);
  FIELD(capstan_offer_list_t, reserved);
  FIELD(capstan_offer_list_t, items);
  FIELD(capstan_offer_list_t, count);
  STRUCT(capstan_connection_t);
  FIELD(capstan_connection_t, struct_size);
  FIELD(capstan_connection_t, has_expiry);
  FIELD(capstan_connection_t, entries);
  FIELD(capstan_connection_t, count);
  FIELD(capstan_connection_t, expires_wall_ns);
  STRUCT(capstan_account_t);
  FIELD(capstan_account_t, struct_size);
  FIELD(capstan_account_t, reserved);
  FIELD(capstan_account_t, id);
  FIELD(capstan_account_t, description);
  STRUCT(capstan_http_request_t);
  FIELD(capstan_http_request_t, struct_size);
  FIELD(capstan_http_request_t, reserved);
  FIELD(capstan_http_request_t, method);
  FIELD(capstan_http_request_t, url);
  FIELD(capstan_http_request_t, headers);
  FIELD(capstan_http_request_t, header_count);
  FIELD(capstan_http_request_t, body);
  FIELD(capstan_http_request_t, deadline_ns);
  FIELD(capstan_http_request_t, response_limit);
  STRUCT(capstan_http_response_t);
  FIELD(capstan_http_response_t, struct_size);
  FIELD(capstan_http_response_t, status);
  FIELD(capstan_http_response_t, headers);
  FIELD(capstan_http_response_t, header_count);
  FIELD(capstan_http_response_t, body);
  STRUCT(capstan_host_t);
  FIELD(capstan_host_t, struct_size);
  FIELD(capstan_host_t, abi);
  FIELD(capstan_host_t, alloc);
  FIELD(capstan_host_t, http);
  FIELD(capstan_host_t, cancelled);
  FIELD(capstan_host_t, deadline_ns);
  FIELD(capstan_host_t, monotonic_ns);
  FIELD(capstan_host_t, wall_ns);
  FIELD(capstan_host_t, random);
  FIELD(capstan_host_t, log);
  FIELD(capstan_host_t, extension);
  STRUCT(capstan_plugin_t);
  FIELD(capstan_plugin_t, struct_size);
  FIELD(capstan_plugin_t, abi);
  FIELD(capstan_plugin_t, describe);
  FIELD(capstan_plugin_t, create_instance);
  FIELD(capstan_plugin_t, destroy_instance);
  FIELD(capstan_plugin_t, connect);
  FIELD(capstan_plugin_t, disconnect);
  FIELD(capstan_plugin_t, find);
  FIELD(capstan_plugin_t, get);
  FIELD(capstan_plugin_t, create);
  FIELD(capstan_plugin_t, remove);
  FIELD(capstan_plugin_t, who_am_i);
  FIELD(capstan_plugin_t, list);
  FIELD(capstan_plugin_t, plan);
  FIELD(capstan_plugin_t, apply);
  FIELD(capstan_plugin_t, adopt);
  FIELD(capstan_plugin_t, associated);
  FIELD(capstan_plugin_t, connection);
  FIELD(capstan_plugin_t, notices);
  FIELD(capstan_plugin_t, extension);
  FIELD(capstan_plugin_t, offers);
}

Layout Current() {
  Layout layout;
  AddValues(layout);
  AddStructs(layout);
  return layout;
}

TEST(Layout, OnlyEverGrows) {
  const auto golden = MakeSystemFiles()->Read(CAPSTAN_LAYOUT_GOLDEN);
  ASSERT_TRUE(golden) << golden.error();
  Layout current = Current();
  for (const std::string& line : Split(*golden, '\n')) {
    if (line.empty() || line.starts_with("#")) continue;
    const std::size_t mark = line.rfind(' ');
    const std::string name = line.substr(0, mark);
    const std::string was = line.substr(mark + 1);
    ASSERT_TRUE(current.contains(name)) << name << " is gone; plugins that were built with it stop working";
    if (name.starts_with("struct ")) {
      EXPECT_GE(std::stoul(current[name]), std::stoul(was)) << name << " became smaller";
    } else {
      EXPECT_EQ(current[name], was) << name << " changed; only appending keeps old plugins working";
    }
    current.erase(name);
  }
  for (const auto& [name, value] : current) {
    ADD_FAILURE() << "new in plugin.h; append to layout.golden: " << name << " " << value;
  }
}

}  // namespace
}  // namespace capstan::abi
