// Minimal JSON for a plugin in plain C: finds values as text spans in a document that is known to
// be valid JSON, and writes strings with escapes. Malformed text gives empty spans, never a read
// past the end.
#ifndef CAPSTAN_TESTS_JSON_SCAN_H_
#define CAPSTAN_TESTS_JSON_SCAN_H_

#include <capstan/plugin.h>
#include <stdlib.h>
#include <string.h>

static size_t scan_blanks(capstan_text_t t, size_t at) {
  while (at < t.size && strchr(" \t\r\n", t.data[at]) != NULL) ++at;
  return at;
}

// The end of the value that begins at `at`.
static size_t scan_value(capstan_text_t t, size_t at) {
  int depth = 0;
  int in_string = 0;
  size_t start = at;
  for (; at < t.size; ++at) {
    char c = t.data[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = 0;
        if (depth == 0) return at + 1;
      }
    } else if (c == '"') {
      in_string = 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && at > start && strchr(", \t\r\n", c) != NULL) {
      return at;
    }
  }
  return t.size;
}

static capstan_text_t scan_span(capstan_text_t t, size_t begin, size_t end) {
  capstan_text_t span = {t.data + begin, end > begin ? end - begin : 0};
  return span;
}

// The value of a field of an object; empty if there is none.
static capstan_text_t json_field(capstan_text_t object, const char* name) {
  capstan_text_t none = {NULL, 0};
  size_t at = scan_blanks(object, 0);
  size_t length = strlen(name);
  if (at >= object.size || object.data[at] != '{') return none;
  at = scan_blanks(object, at + 1);
  while (at < object.size && object.data[at] == '"') {
    size_t key_end = scan_value(object, at);
    capstan_text_t key = scan_span(object, at + 1, key_end - 1);
    size_t begin = scan_blanks(object, key_end);
    size_t end;
    if (begin >= object.size || object.data[begin] != ':') return none;
    begin = scan_blanks(object, begin + 1);
    end = scan_value(object, begin);
    if (key.size == length && memcmp(key.data, name, length) == 0) return scan_span(object, begin, end);
    at = scan_blanks(object, end);
    if (at >= object.size || object.data[at] != ',') return none;
    at = scan_blanks(object, at + 1);
  }
  return none;
}

// The next element of an array; `at` starts as 0. Empty at the end.
static capstan_text_t json_next(capstan_text_t array, size_t* at) {
  capstan_text_t none = {NULL, 0};
  size_t begin = scan_blanks(array, *at);
  size_t end;
  if (begin >= array.size) return none;
  if (*at == 0 && array.data[begin] != '[') return none;
  if (array.data[begin] != '[' && array.data[begin] != ',') return none;
  if (*at != 0 && array.data[begin] != ',') return none;
  begin = scan_blanks(array, begin + 1);
  if (begin >= array.size || array.data[begin] == ']') return none;
  end = scan_value(array, begin);
  *at = end;
  return scan_span(array, begin, end);
}

// A JSON string without quotes and escapes, in the memory of the call. \u escapes above ASCII
// become '?': names and ids in this cloud are ASCII, and unescaped UTF-8 passes through.
static capstan_text_t json_string(const capstan_host_t* host, capstan_call_t* call, capstan_text_t value) {
  capstan_text_t none = {NULL, 0};
  char* out;
  size_t n = 0;
  size_t i;
  capstan_text_t made;
  if (value.size < 2 || value.data[0] != '"') return none;
  out = (char*)host->alloc(call, value.size);
  if (out == NULL) return none;
  for (i = 1; i + 1 < value.size; ++i) {
    char c = value.data[i];
    if (c == '\\' && i + 2 < value.size) {
      c = value.data[++i];
      if (c == 'n')
        c = '\n';
      else if (c == 't')
        c = '\t';
      else if (c == 'r')
        c = '\r';
      else if (c == 'u' && i + 5 < value.size) {
        char hex[5] = {value.data[i + 1], value.data[i + 2], value.data[i + 3], value.data[i + 4], 0};
        long code = strtol(hex, NULL, 16);
        c = code > 0 && code < 128 ? (char)code : '?';
        i += 4;
      }
    }
    out[n++] = c;
  }
  made.data = out;
  made.size = n;
  return made;
}

static long json_integer(capstan_text_t value, long otherwise) {
  char digits[24];
  if (value.size == 0 || value.size >= sizeof(digits) || strchr("-0123456789", value.data[0]) == NULL)
    return otherwise;
  memcpy(digits, value.data, value.size);
  digits[value.size] = 0;
  return strtol(digits, NULL, 10);
}

// ---- Writing: a text that grows in the memory of the call ----

typedef struct json_writer {
  const capstan_host_t* host;
  capstan_call_t* call;
  char* data;
  size_t size, room;
  int failed;  // no memory left
} json_writer_t;

static void json_raw(json_writer_t* w, const char* data, size_t size) {
  if (w->failed) return;
  if (w->size + size > w->room) {
    size_t room = (w->size + size) * 2 + 256;
    char* grown = (char*)w->host->alloc(w->call, room);
    if (grown == NULL) {
      w->failed = 1;
      return;
    }
    if (w->size > 0) memcpy(grown, w->data, w->size);
    w->data = grown;
    w->room = room;
  }
  memcpy(w->data + w->size, data, size);
  w->size += size;
}
static void json_put(json_writer_t* w, const char* literal) { json_raw(w, literal, strlen(literal)); }
static void json_put_text(json_writer_t* w, capstan_text_t text) {
  if (text.size > 0) json_raw(w, text.data, text.size);
}
static void json_put_string(json_writer_t* w, capstan_text_t text) {
  static const char hex[] = "0123456789abcdef";
  size_t i;
  json_put(w, "\"");
  for (i = 0; i < text.size; ++i) {
    char c = text.data[i];
    if (c == '"' || c == '\\') {
      char escaped[2] = {'\\', c};
      json_raw(w, escaped, 2);
    } else if ((unsigned char)c < 0x20) {
      char escaped[6] = {'\\', 'u', '0', '0', hex[(c >> 4) & 15], hex[c & 15]};
      json_raw(w, escaped, 6);
    } else {
      json_raw(w, &c, 1);
    }
  }
  json_put(w, "\"");
}
static capstan_text_t json_text(const json_writer_t* w) {
  capstan_text_t text = {w->data, w->failed ? 0 : w->size};
  return text;
}

#endif  // CAPSTAN_TESTS_JSON_SCAN_H_
