using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;

/// <summary>Calls a method with the arguments of each line, and tells what came of it.</summary>
public static class FedtranslateHarness
{
    private const char Mark = '\u001e';
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static int Main(string[] words)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        System.Threading.Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
        int split = words[0].LastIndexOf('.');
        Type owner = Assembly.GetExecutingAssembly().GetType(words[0].Substring(0, split), true);
        string name = words[0].Substring(split + 1);
        var plain = new UTF8Encoding(false);
        var requests = new StreamReader(Console.OpenStandardInput(), plain);
        var answers = new StreamWriter(Console.OpenStandardError(), plain);
        var output = new StreamWriter(Console.OpenStandardOutput(), plain);
        Console.SetOut(output);
        int number = 0;
        for (string line; (line = requests.ReadLine()) != null; number++)
        {
            var given = (List<object>)new JsonText(line).Value();
            Console.Write(Mark + number.ToString() + "\n");
            output.Flush();
            string told = Answer(number, owner, name, given);
            output.Flush();
            answers.Write(Mark + told + "\n");
            answers.Flush();
        }
        return 0;
    }

    private static string Answer(int number, Type owner, string name, List<object> given)
    {
        MethodInfo method = Find(owner, name, given);
        object[] arguments = Arguments(method, given);
        var told = new StringBuilder("{\"call\":" + number);
        try
        {
            object receiver = method.IsStatic ? null : Activator.CreateInstance(owner, true);
            object result = method.Invoke(receiver, arguments);
            if (result is IEnumerable && !(result is string) && !(result is ICollection))
            {
                result = ((IEnumerable)result).Cast<object>().ToList();
            }
            told.Append(",\"result\":");
            Show(result, told);
        }
        catch (Exception error)
        {
            var invoked = error as TargetInvocationException;
            Exception cause = invoked == null ? error : invoked.InnerException;
            told.Length = ("{\"call\":" + number).Length;
            told.Append(",\"exception\":");
            Quote(cause.GetType().Name + ": " + cause.Message, told);
        }
        told.Append(",\"arguments\":");
        Show(arguments, told);
        return told.Append('}').ToString();
    }

    private static MethodInfo Find(Type owner, string name, List<object> given)
    {
        Exception last = new MissingMethodException(name);
        foreach (MethodInfo method in owner.GetMethods(All))
        {
            if (method.Name != name || method.GetParameters().Length != given.Count) continue;
            try
            {
                Arguments(method, given);
                return method;
            }
            catch (Exception error)
            {
                last = error;
            }
        }
        throw last;
    }

    private static object[] Arguments(MethodInfo method, List<object> given)
    {
        return method.GetParameters()
            .Select((parameter, index) => Read(given[index], parameter.ParameterType)).ToArray();
    }

    private static object Read(object value, Type type)
    {
        if (type.IsByRef) type = type.GetElementType();
        if (value == null || value is bool) return value;
        var table = value as Dictionary<string, object>;
        if (table != null && table.ContainsKey("float"))
        {
            return Convert.ChangeType(Special((string)table["float"]), type);
        }
        if (type.IsArray)
        {
            var values = (List<object>)value;
            Array array = Array.CreateInstance(type.GetElementType(), values.Count);
            for (int i = 0; i < values.Count; i++)
            {
                array.SetValue(Read(values[i], type.GetElementType()), i);
            }
            return array;
        }
        if (type.IsGenericType)
        {
            Type[] inner = type.GetGenericArguments();
            return inner.Length == 2 ? ReadMap(table, inner) : ReadList((List<object>)value, inner);
        }
        if (type == typeof(char)) return ((string)value)[0];
        if (type == typeof(string)) return (string)value;
        return Convert.ChangeType((string)(JsonNumber)value, type, CultureInfo.InvariantCulture);
    }

    private static double Special(string name)
    {
        return name == "NaN" ? double.NaN
            : name[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
    }

    private static object ReadList(List<object> values, Type[] inner)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(inner));
        foreach (object one in values) list.Add(Read(one, inner[0]));
        return list;
    }

    private static object ReadMap(Dictionary<string, object> table, Type[] inner)
    {
        var map = (IDictionary)Activator.CreateInstance(
            typeof(Dictionary<,>).MakeGenericType(inner));
        foreach (object pair in (List<object>)table["map"])
        {
            var both = (List<object>)pair;
            map.Add(Read(both[0], inner[0]), Read(both[1], inner[1]));
        }
        return map;
    }

    private static void Show(object value, StringBuilder told)
    {
        if (value == null) told.Append("null");
        else if (value is bool) told.Append((bool)value ? "true" : "false");
        else if (value is char || value is string) Quote(value.ToString(), told);
        else if (value is float || value is double) ShowFloat(value, told);
        else if (value is IDictionary)
        {
            told.Append("{\"map\":[");
            string comma = "";
            foreach (DictionaryEntry entry in (IDictionary)value)
            {
                told.Append(comma);
                Show(new[] { entry.Key, entry.Value }, told);
                comma = ",";
            }
            told.Append("]}");
        }
        else if (value is IEnumerable)
        {
            bool isSet = value.GetType().GetInterfaces()
                .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ISet<>));
            told.Append(isSet ? "{\"set\":[" : "[");
            string comma = "";
            foreach (object one in (IEnumerable)value)
            {
                told.Append(comma);
                Show(one, told);
                comma = ",";
            }
            told.Append(isSet ? "]}" : "]");
        }
        else if (value.GetType().IsPrimitive || value is System.Numerics.BigInteger)
        {
            told.Append(Convert.ToString(value, CultureInfo.InvariantCulture));
        }
        else
        {
            told.Append("{\"other\":");
            Quote(value.GetType().Name, told);
            told.Append('}');
        }
    }

    private static void ShowFloat(object value, StringBuilder told)
    {
        double number = Convert.ToDouble(value);
        if (double.IsNaN(number)) told.Append("{\"float\":\"NaN\"}");
        else if (double.IsInfinity(number))
        {
            told.Append(number > 0 ? "{\"float\":\"Infinity\"}" : "{\"float\":\"-Infinity\"}");
        }
        else
        {
            string text = value is float ? ((float)value).ToString("R") : number.ToString("R");
            told.Append(text.IndexOfAny(new[] { '.', 'E' }) < 0 ? text + ".0" : text);
        }
    }

    private static void Quote(string text, StringBuilder told)
    {
        told.Append('"');
        foreach (char letter in text)
        {
            if (letter == '"' || letter == '\\') told.Append('\\').Append(letter);
            else if (letter < 0x20 || letter > 0x7e) told.Append("\\u" + ((int)letter).ToString("x4"));
            else told.Append(letter);
        }
        told.Append('"');
    }

    /// <summary>A number as it was written.</summary>
    private sealed class JsonNumber
    {
        public string Text;

        public static explicit operator string(JsonNumber number)
        {
            return number.Text;
        }
    }

    /// <summary>Reads one JSON text.</summary>
    private sealed class JsonText
    {
        private readonly string text;
        private int at;

        public JsonText(string text)
        {
            this.text = text;
        }

        public object Value()
        {
            Skip();
            char first = text[at];
            if (first == '[')
            {
                var list = new List<object>();
                while (More(']')) list.Add(Value());
                return list;
            }
            if (first == '{')
            {
                var table = new Dictionary<string, object>();
                while (More('}'))
                {
                    var key = (string)Value();
                    Skip();
                    at++;
                    table[key] = Value();
                }
                return table;
            }
            if (first == '"') return Word();
            int start = at;
            while (at < text.Length && ",]} ".IndexOf(text[at]) < 0) at++;
            string word = text.Substring(start, at - start);
            if (word == "null") return null;
            if (word == "true" || word == "false") return word == "true";
            return new JsonNumber { Text = word };
        }

        private bool More(char end)
        {
            Skip();
            if (text[at] != end)
            {
                at++;
                Skip();
            }
            if (text[at] != end) return true;
            at++;
            return false;
        }

        private void Skip()
        {
            while (at < text.Length && text[at] == ' ') at++;
        }

        private string Word()
        {
            var made = new StringBuilder();
            for (at++; text[at] != '"'; at++)
            {
                char letter = text[at];
                if (letter == '\\')
                {
                    letter = text[++at];
                    if (letter == 'u')
                    {
                        letter = (char)int.Parse(text.Substring(at + 1, 4), NumberStyles.HexNumber);
                        at += 4;
                    }
                    else if ("bfnrt".IndexOf(letter) >= 0)
                    {
                        letter = "\b\f\n\r\t"["bfnrt".IndexOf(letter)];
                    }
                }
                made.Append(letter);
            }
            at++;
            return made.ToString();
        }
    }
}
