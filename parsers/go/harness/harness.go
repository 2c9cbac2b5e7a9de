package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strconv"
)

// main calls a function with the arguments of each line of standard input, and tells what came of it.
func main() {
	function := reflect.ValueOf({function})
	requests := bufio.NewReaderSize(os.Stdin, 1<<20)
	for number := 0; ; number++ {
		line, err := requests.ReadBytes('\n')
		if err != nil {
			return
		}
		fmt.Fprintf(os.Stdout, "\x1e%d\n", number)
		told := harnessAnswer(function, line)
		told["call"] = number
		text, err := json.Marshal(told)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(os.Stderr, "\x1e%s\n", text)
	}
}

var harnessSign = map[bool]string{true: "-", false: ""}

func harnessAnswer(function reflect.Value, line []byte) (told map[string]interface{}) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var given []interface{}
	if err := decoder.Decode(&given); err != nil {
		panic(err)
	}
	told = map[string]interface{}{}
	arguments := make([]reflect.Value, len(given))
	for i := range given {
		arguments[i] = harnessRead(given[i], function.Type().In(i))
	}
	func() {
		defer func() {
			if cause := recover(); cause != nil {
				told["exception"] = fmt.Sprintf("panic: %v", cause)
			}
		}()
		harnessResults(function, arguments, told)
	}()
	shown := make([]interface{}, len(arguments))
	for i, argument := range arguments {
		if kind := argument.Kind(); kind == reflect.Slice || kind == reflect.Map || kind == reflect.Ptr {
			shown[i] = harnessShow(argument)
		}
	}
	told["arguments"] = shown
	return told
}

// harnessResults calls; an error among the results counts as exception, several others as list.
func harnessResults(function reflect.Value, arguments []reflect.Value, told map[string]interface{}) {
	var results []reflect.Value
	if function.Type().IsVariadic() {
		results = function.CallSlice(arguments)
	} else {
		results = function.Call(arguments)
	}
	var shown []interface{}
	for _, result := range results {
		if failure, isError := result.Interface().(error); isError && failure != nil {
			told["exception"] = "error: " + failure.Error()
			return
		}
		if result.Type().String() != "error" {
			shown = append(shown, harnessShow(result))
		}
	}
	switch len(shown) {
	case 0:
		told["result"] = nil
	case 1:
		told["result"] = shown[0]
	default:
		told["result"] = shown
	}
}

func harnessRead(value interface{}, kind reflect.Type) reflect.Value {
	made := reflect.New(kind).Elem()
	switch kind.Kind() {
	case reflect.Ptr:
		made.Set(reflect.New(kind.Elem()))
		made.Elem().Set(harnessRead(value, kind.Elem()))
	case reflect.Slice:
		if text, isText := value.(string); isText {
			made.Set(reflect.ValueOf(text).Convert(kind))
			break
		}
		items := value.([]interface{})
		made.Set(reflect.MakeSlice(kind, len(items), len(items)))
		for i, item := range items {
			made.Index(i).Set(harnessRead(item, kind.Elem()))
		}
	case reflect.Map:
		made.Set(reflect.MakeMap(kind))
		for _, pair := range value.(map[string]interface{})["map"].([]interface{}) {
			both := pair.([]interface{})
			made.SetMapIndex(harnessRead(both[0], kind.Key()), harnessRead(both[1], kind.Elem()))
		}
	case reflect.Interface:
		made.Set(reflect.ValueOf(value))
	default:
		harnessReadPlain(value, made)
	}
	return made
}

func harnessReadPlain(value interface{}, made reflect.Value) {
	switch given := value.(type) {
	case bool:
		made.SetBool(given)
	case string:
		if made.Kind() == reflect.String {
			made.SetString(given)
		} else {
			letter := []rune(given)[0]
			made.Set(reflect.ValueOf(letter).Convert(made.Type()))
		}
	case map[string]interface{}:
		special, _ := strconv.ParseFloat(given["float"].(string), 64)
		made.SetFloat(special)
	case json.Number:
		if kind := made.Kind(); kind == reflect.Float32 || kind == reflect.Float64 {
			number, _ := given.Float64()
			made.SetFloat(number)
		} else if kind >= reflect.Uint && kind <= reflect.Uintptr {
			number, _ := given.Int64()
			made.SetUint(uint64(number))
		} else {
			number, err := given.Int64()
			if err != nil {
				panic(err)
			}
			made.SetInt(number)
		}
	}
}

func harnessShow(value reflect.Value) interface{} {
	switch value.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return value.Interface()
	case reflect.Float32, reflect.Float64:
		number := value.Float()
		switch {
		case math.IsNaN(number):
			return map[string]string{"float": "NaN"}
		case math.IsInf(number, 0):
			return map[string]string{"float": harnessSign[number < 0] + "Infinity"}
		}
		return number
	case reflect.Ptr, reflect.Interface:
		if value.IsNil() {
			return nil
		}
		return harnessShow(value.Elem())
	case reflect.Slice, reflect.Array:
		shown := make([]interface{}, value.Len())
		for i := range shown {
			shown[i] = harnessShow(value.Index(i))
		}
		return shown
	case reflect.Map:
		pairs := make([][2]interface{}, 0, value.Len())
		for _, key := range value.MapKeys() {
			pairs = append(pairs, [2]interface{}{harnessShow(key), harnessShow(value.MapIndex(key))})
		}
		sort.Slice(pairs, func(i, j int) bool { return fmt.Sprint(pairs[i][0]) < fmt.Sprint(pairs[j][0]) })
		return map[string]interface{}{"map": pairs}
	}
	return map[string]string{"other": value.Type().String()}
}
