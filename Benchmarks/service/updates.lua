-- Every request is a voice note of somebody else, as Telegram sends it.
local counter = 0
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  base = (tonumber(args[1]) or 0) * 100000000 + number * 10000000
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-Telegram-Bot-Api-Secret-Token"] = "bench-secret"
end

local form = '{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,"first_name":"Sam",'
  .. '"last_name":"Speaker","username":"sam","language_code":"en"},"chat":{"id":%d,"first_name":"Sam",'
  .. '"last_name":"Speaker","username":"sam","type":"private"},"date":1795000000,"voice":{"duration":14,'
  .. '"mime_type":"audio/ogg","file_id":"AwACAgIAAxkBAAIBY2dXbnQ4ZzJqcGx5dGVzdGZpbGVpZC1%d",'
  .. '"file_unique_id":"AgADdXVuaXF1ZQ","file_size":40213}}}'

function request()
  counter = counter + 1
  local id = base + counter
  return wrk.format(nil, nil, nil, string.format(form, id, counter, id, id, id))
end
